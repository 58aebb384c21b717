"""How a page becomes HTML: the templates in `views/`, with everything escaped, and the words that they share."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response

from mailock.console.means import Means, Visitor
from mailock.console.wording import RIGHTS, clock, link, marked, number, rate, size, span, when, words

Asked = Request[Visitor, Any, Any]
NAVIGATION: Final = (
    ("views", "/views/overview", "Overview", "chart"),
    ("views", "/views/live", "Live", "pulse"),
    ("views", "/views/troubleshooting", "Troubleshooting", "wrench"),
    ("track", "/messages", "Messages", "search"),
    ("see_quarantine", "/quarantine", "Quarantine", "shield"),
    ("see_queue", "/queue", "Queue", "inbox"),
    ("see_policy", "/policy", "Policy", "rules"),
    ("see_health", "/health", "Health", "heart"),
    ("see_audit", "/audit", "Audit", "book"),
    ("manage_people", "/people", "People", "people"),
)
"""Right, path, name and picture of each page that stands in the margin."""

TURNING: Final = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\N{REPLACEMENT CHARACTER}")


def means(request: Asked) -> Means:
    """What the application was made with."""
    found: Means = request.app.state.means
    return found


def page(request: Asked, template: str, *, code: int = 200, **told: object) -> Response[str]:
    """A page, or a part of one, from a template."""
    visitor: Visitor | None = request.scope.get("user")
    path = request.scope["path"]
    html = (
        environment()
        .get_template(template)
        .render(
            visitor=visitor,
            csrf=visitor.csrf if visitor is not None else "",
            here=path,
            navigation=[one for one in NAVIGATION if visitor is not None and visitor.may(one[0])],
            theme=request.cookies.get("mailock_theme", ""),
            hostname=means(request).hostname,
            now=means(request).clock.now(),
            **told,
        )
    )
    return Response(content=html, media_type="text/html", status_code=code)


@cache
def environment() -> Environment:
    """The templates. A name that a page was not given is a fault, not an empty text."""
    made = Environment(
        loader=PackageLoader("mailock.console", "views"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=straight,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        when=when, clock=clock, size=size, span=span, number=number, rate=rate, words=words, marked=marked
    )
    made.globals.update(asset=asset, link=link, right_words=RIGHTS)
    return made


def straight(value: object) -> object:
    """What a page writes, without marks that turn the direction of text, wherever it comes from."""
    return value.translate(TURNING) if isinstance(value, str) else value


@cache
def assets() -> Mapping[str, tuple[bytes, str]]:
    """Every file that pages ask for, with its media type. There are a few, and all are ours."""
    kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
    folder = resources.files("mailock.console") / "static"
    return {
        one.name: (one.read_bytes(), kinds[one.name[one.name.rindex(".") :]])
        for one in folder.iterdir()
        if one.name[one.name.rindex(".") :] in kinds
    }


@cache
def asset(name: str) -> str:
    """The address of a file, which changes with its content, so that browsers may keep it."""
    return f"/static/{name}?v={hashlib.sha256(assets()[name][0]).hexdigest()[:12]}"
