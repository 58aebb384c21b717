"""How a page becomes HTML: templates with everything escaped, in the console's style, without a script."""

import hashlib
from collections.abc import Mapping
from functools import cache, partial
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response

from mailock.console.wording import size, when
from mailock.portal.languages import preferred, said

Asked = Request[Any, Any, Any]
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
)
OURS: Final = "'self'"
ANYWHERE: Final = "'self' http: https:"
"""Of a page whose form leads away: browsers hold a form's policy against where its answer sends them."""
HEADERS: Final = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # The address of a page is what opens it: nobody is told of it.
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_TURNING: Final = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\N{REPLACEMENT CHARACTER}")
_FILES: Final = (
    ("mailock.console", "console.css", "text/css"),
    ("mailock.console", "mark.svg", "image/svg+xml"),
    ("mailock.portal", "portal.css", "text/css"),
)


def page(asked: Asked, template: str, *, code: int = 200, forms: str = OURS, **told: object) -> Response[str]:
    """A page from a template, in the language that the browser asks for."""
    language = language_of(asked)
    told |= {"t": partial(said, language=language), "language": language}
    html = environment().get_template(template).render(**told)
    headers = HEADERS | {"content-security-policy": POLICY.format(forms=forms), "vary": "accept-language"}
    return Response(content=html, media_type="text/html", status_code=code, headers=headers)


def language_of(asked: Asked) -> str:
    """The language that a browser asks for."""
    return preferred(asked.headers.get("accept-language", ""))


@cache
def environment() -> Environment:
    """The templates, all of them compiled: later no file may have to be read."""
    made = Environment(
        loader=PackageLoader("mailock.portal", "views"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_straight,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(when=when, size=size)
    made.globals.update(asset=asset)
    for name in made.list_templates():
        made.get_template(name)
    return made


@cache
def assets() -> Mapping[str, tuple[bytes, str]]:
    """The files that pages ask for, with their media types: most are the console's."""
    return {name: ((resources.files(package) / "static" / name).read_bytes(), kind) for package, name, kind in _FILES}


@cache
def asset(name: str) -> str:
    """The address of a file, which changes with its content, so that browsers may keep it."""
    return f"/static/{name}?v={hashlib.sha256(assets()[name][0]).hexdigest()[:12]}"


def _straight(value: Any) -> Any:
    """What a page writes, without marks that turn the direction of text."""
    return value.translate(_TURNING) if isinstance(value, str) else value
