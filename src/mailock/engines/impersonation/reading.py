"""Reads a letter out of a message: what a client would show of it, cut to what is looked at."""

import re
from collections.abc import Callable, Iterator
from email.utils import getaddresses
from itertools import islice
from typing import Final

from mailock.core.authentication import mailbox
from mailock.core.evidence.links.target import WEB, target
from mailock.core.evidence.links.wrapped import chain
from mailock.core.evidence.links.written import written
from mailock.core.impersonation.leads import host_shown
from mailock.core.impersonation.letter import MOST_LEADS, MOST_TEXT, Lead, Letter, Writer
from mailock.core.mime import charsets
from mailock.core.mime.headers import Field
from mailock.core.mime.part import Anatomy, Part
from mailock.core.mime.words import decode
from mailock.engines.heading import heading
from mailock.engines.page import shown

_MOST_HTML: Final = 400_000
"""Characters of a page that are parsed; a lure stands in its beginning."""
_MOST_WRITERS: Final = 20
_LONGEST_FIELD: Final = 4000
_BARE: Final = r"[A-Za-z0-9_+=-]+(?:\.[A-Za-z0-9_+=-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_PLAIN: Final = re.compile(rf"(?:\"([A-Za-z0-9 .,'_-]*)\"|([A-Za-z0-9 '_-]*?)) ?<({_BARE})>|({_BARE})")
"""A name with or without quotes before an address in angle brackets, or an address alone."""
_MOST_PARTS: Final = 60
_PAGES: Final = (".htm", ".html", ".shtml", ".xhtml", ".svg", ".mht", ".mhtml")
_LISTED: Final = frozenset({b"list-id", b"list-post", b"mailing-list", b"x-mailing-list", b"x-beenthere"})

Site = Callable[[str], str | None]


def letter(anatomy: Anatomy, site: Site) -> Letter:
    """The letter that a message is."""
    header = heading(anatomy)
    named = {one.name.lower() for one in header}
    pages, texts, leads, passwords = _texts(anatomy, site)
    authors = _writers(header, b"from")
    reply_to, recipients = _writers(header, b"reply-to"), (*_writers(header, b"to"), *_writers(header, b"cc"))
    hosts = {one.domain for one in (*authors, *reply_to, *recipients)} | {host_shown(lead.text)[0] for lead in leads}
    return Letter(
        authors=authors,
        reply_to=reply_to,
        recipients=recipients[:_MOST_WRITERS],
        subject=decode(next((one.value for one in header if one.name.lower() == b"subject"), b"")[:_LONGEST_FIELD]),
        text="\n".join(pages or texts)[:MOST_TEXT],
        leads=leads,
        files=tuple(name for part in anatomy.parts[:_MOST_PARTS] for name in part.untrusted_names[:1]),
        pages=sum(_is_page(part) for part in anatomy.parts[:_MOST_PARTS]),
        pictures=sum(
            part.types[:1] != () and part.types[0].startswith("image/") for part in anatomy.parts[:_MOST_PARTS]
        )
        + sum("<img" in page for page in pages),
        password_fields=passwords,
        of_list=not named.isdisjoint(_LISTED) or b"bulk" in _precedence(header),
        unsubscribes=b"list-unsubscribe" in named,
        answers=not named.isdisjoint({b"in-reply-to", b"references"}),
        sites={host: _place(host, site) for host in hosts if host},
    )


def _precedence(header: tuple[Field, ...]) -> bytes:
    return b" ".join(one.value.lower() for one in header if one.name.lower() == b"precedence")


def _writers(header: tuple[Field, ...], name: bytes) -> tuple[Writer, ...]:
    """The mailboxes of every field of a name; where it is not plain, every address that a client may show."""
    found: list[Writer] = []
    for one in header:
        if one.name.lower().strip() != name or len(found) >= _MOST_WRITERS:
            continue
        value = one.value[:_LONGEST_FIELD]
        pairs = _pairs(value.decode("latin-1"))
        writers = [
            Writer(name=decode(shown.encode("latin-1", "replace")), address=address.strip().lower())
            for shown, address in pairs[:_MOST_WRITERS]
            if "@" in address
        ]
        if not writers:
            writers = [Writer(name=decode(value), address=address.lower()) for address in mailbox.every(value)[:4]]
        found += writers or [Writer(name=decode(value), address="")]
    return tuple(found[:_MOST_WRITERS])


def _pairs(untrusted_value: str) -> list[tuple[str, str]]:
    """Names and addresses of a field; most fields hold one of each, so plainly that no grammar is needed."""
    plain = _PLAIN.fullmatch(untrusted_value)
    if plain is None:
        return getaddresses([untrusted_value])
    return [(" ".join((plain[1] or plain[2] or "").split()), plain[3] or plain[4])]


def _texts(anatomy: Anatomy, site: Site) -> tuple[list[str], list[str], tuple[Lead, ...], int]:
    """Pages as read, plain texts, links, and how many fields for passwords there are."""
    pages: list[str] = []
    texts: list[str] = []
    leads: list[Lead] = []
    passwords = 0
    for part in anatomy.parts[:_MOST_PARTS]:
        if _is_file(part) or not part.types or not part.readings:
            continue
        kind = part.types[0]
        if kind not in ("text/html", "text/plain"):
            continue
        text = charsets.texts(part.readings[0].content[: _MOST_HTML * 2], part.charsets)[0][:_MOST_HTML]
        if kind == "text/plain":
            texts.append(text[:MOST_TEXT])
            leads += _leads(((found.untrusted_url, "") for found in written(text[:MOST_TEXT], site)), site)
        else:
            page = shown(text)
            leads += _leads(((one.untrusted_url, one.untrusted_text) for one in page.anchors), site)
            passwords += page.passwords
            pages.append(page.text[:MOST_TEXT] + ("\n<img" if any(page.pictures) else ""))
    return pages, texts, tuple(leads[:MOST_LEADS]), passwords


def _leads(links: Iterator[tuple[str, str]], site: Site) -> list[Lead]:
    found = []
    for url, label in islice(links, MOST_LEADS):
        outer = target(url)
        if outer is None or outer.scheme not in WEB or not outer.host:
            continue
        last = chain(outer)[0][-1]
        place = last.host if last.address else _place(last.host, site)
        found.append(Lead(url=last.untrusted_url[:2000], host=last.host, site=place, text=label, address=last.address))
    return found


def _place(host: str, site: Site) -> str:
    """The registrable domain of a host; under a suffix that nobody knows, its last two names."""
    return site(host) or ".".join(host.rsplit(".", 2)[-2:])


def _is_file(part: Part) -> bool:
    return bool(part.untrusted_names) or any("attachment" in one for one in part.dispositions)


def _is_page(part: Part) -> bool:
    names = (name.lower().rstrip(". ") for name in part.untrusted_names)
    return any(name.endswith(_PAGES) for name in names)
