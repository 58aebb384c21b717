"""A message as its reader has it before him: header fields decoded, texts, pages, files. Bounded, and never raises."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from mailock.core.mime.charsets import texts
from mailock.core.mime.part import Anatomy, Part, Provenance
from mailock.core.mime.words import decode
from mailock.engines.heading import heading

MOST_FIELDS: Final = 200
LONGEST_FIELD: Final = 2000
LONGEST_TEXT: Final = 12_000
"""Characters of the texts together: who wants to sell something says it early."""
LONGEST_PAGE: Final = 150_000
"""Characters of one page, tags and all."""
_SPOKEN: Final = frozenset({Provenance.MIME, Provenance.RFC822, Provenance.TNEF})


class Field(NamedTuple):
    """A header field: its name in lower case and as it stands, and its value decoded. A tuple, for there are many."""

    name: str
    spelled: str
    untrusted_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What the traits are seen in."""

    header: tuple[Field, ...]
    texts: tuple[str, ...]
    """Plain ones."""
    pages: tuple[str, ...]
    """HTML, as it stands."""
    files: tuple[Part, ...]
    """Parts that are neither."""
    parts: tuple[Part, ...]
    report: bool
    """Whether it is a server's report (RFC 6522)."""

    named: Mapping[str, list[str]]
    """The values of the fields by their names."""
    untrusted_subject: bytes
    """The first subject as it stands; empty where there is none."""

    def all(self, name: str) -> list[str]:
        """The values of all fields of a name, decoded."""
        return self.named.get(name, [])

    def first(self, name: str) -> str:
        """The value of the first field of a name; empty where there is none."""
        return self.named[name][0] if name in self.named else ""

    def has(self, name: str) -> bool:
        """Whether there is a field of a name."""
        return name in self.named


def mail(anatomy: Anatomy) -> Mail:
    """The message. Of messages within it only a mere forward is read: what a report returns is not its author's."""
    root = anatomy.root
    report = any(one in ("multipart/report", "message/delivery-status") for one in root.types[:1])
    spoken = [part for part in anatomy.parts if part.provenance in _SPOKEN and not part.alternate]
    own = _own(spoken)
    plain: list[str] = []
    pages: list[str] = []
    files: list[Part] = []
    left = LONGEST_TEXT
    for part in own if report or _says_something(own) else spoken:
        kind = part.types[0] if part.types else "text/plain"
        if _is_file(part, kind):
            files.append(part)
        elif kind == "text/html" or (kind.startswith("text/") and _looks_like_page(part)):
            pages += [_text(part, LONGEST_PAGE)] if len(pages) < 3 else []
        elif kind.startswith("text/") and left > 0:
            plain.append(_text(part, left))
            left -= len(plain[-1])
        elif not kind.startswith(("multipart/", "message/")):
            files.append(part)
    header, subject = _header(anatomy)
    named: dict[str, list[str]] = {}
    for field in header:
        named.setdefault(field.name, []).append(field.untrusted_value)
    return Mail(
        header=header,
        named=named,
        untrusted_subject=subject,
        texts=tuple(plain),
        pages=tuple(pages),
        files=tuple(files),
        parts=tuple(spoken),
        report=report,
    )


def _own(parts: list[Part]) -> list[Part]:
    """The parts that are not of a message within this one."""
    inside = {part.path for part in parts if part.provenance is Provenance.RFC822}
    if not inside:
        return parts
    return [part for part in parts if not any(part.path == one or part.path.startswith(f"{one}.") for one in inside)]


def _says_something(parts: list[Part]) -> bool:
    return any(
        sum(len(reading.content) for reading in part.readings[:1]) > 20
        for part in parts
        if not part.types or part.types[0].startswith("text/")
    )


def _is_file(part: Part, kind: str) -> bool:
    if not kind.startswith("text/"):
        return False
    return any("attachment" in one for one in part.dispositions) or bool(part.untrusted_names and kind != "text/plain")


def _looks_like_page(part: Part) -> bool:
    start = part.readings[0].content[:400].lower() if part.readings else b""
    return b"<html" in start or b"<!doctype html" in start


def _text(part: Part, longest: int) -> str:
    if not part.readings:
        return ""
    content = part.readings[0].content[: longest * 3]
    found = texts(content, part.charsets)
    return found[0][:longest] if found else ""


def _header(anatomy: Anatomy) -> tuple[tuple[Field, ...], bytes]:
    """The fields, and the octets of the first subject."""
    found: list[Field] = []
    subject: bytes | None = None
    for one in heading(anatomy)[:MOST_FIELDS]:
        if not one.name:
            continue
        spelled = one.name.decode("ascii", "replace").strip()
        name, raw = spelled.lower(), one.value[:LONGEST_FIELD]
        if subject is None and name == "subject":
            subject = raw
        found.append(Field(name, spelled, decode(raw)))
    return tuple(found), subject or b""
