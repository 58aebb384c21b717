"""The texts of a message changed: links replaced in a part, texts added to it, and the part written again."""

from dataclasses import dataclass, replace
from dataclasses import field as slot
from typing import Final

from mailock.core.mime.compose import one_line
from mailock.core.mime.part import Anatomy, Part
from mailock.core.mime.splice import Replacement
from mailock.core.rewriting import addition, links
from mailock.core.rewriting.edits import AddText, ReplaceLink
from mailock.core.rewriting.partfields import is_flowed, replacements
from mailock.core.rewriting.textbody import Letters, Unwritable, letters, written

HTML: Final = frozenset({"text/html", "application/xhtml+xml", "text/xhtml"})


@dataclass(slots=True)
class Work:
    """What is to be done with one text."""

    part: Part
    links: list[ReplaceLink] = slot(default_factory=list)
    additions: list[AddText] = slot(default_factory=list)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it."""

    replacements: tuple[Replacement, ...]
    content: bytes
    """The text afterwards, decoded."""
    missed: tuple[ReplaceLink, ...]
    """Links that do not stand in the text."""
    there: tuple[AddText, ...]
    """Additions that stood in the text already."""


def change(anatomy: Anatomy, work: Work) -> Done:
    """Does it. Raises Unwritable."""
    part = work.part
    if not part.readings:
        raise Unwritable(f"part {part.path} has no text of its own")
    reading = part.readings[0]
    before = letters(part, reading)
    html = part.types[0] in HTML
    flowed = is_flowed(anatomy, part)
    text, missed, there = _changed(work, before, html=html, flowed=flowed)
    if text == before.text:
        return Done((), reading.content, missed, there)
    octets = written(part, reading, before, text, html=html, forbidden=_forbidden(anatomy, part))
    return Done(tuple(replacements(anatomy, part, octets, before)), text.encode("utf-8", "replace"), missed, there)


def _changed(
    work: Work, before: Letters, *, html: bool, flowed: bool
) -> tuple[str, tuple[ReplaceLink, ...], tuple[AddText, ...]]:
    text = before.text
    brought = [(link, _brought_link(link, before)) for link in work.links]
    wanted = [carried for _, carried in brought]
    found = (links.in_html if html else links.in_plain)(text, wanted)
    text = found.text
    missed = tuple(link for link, carried in brought if carried not in found.found)
    there = tuple(a for a in work.additions if a.once_per_thread and addition.has(text, a, markup=html))
    # The first that was ordered stands first, at the top as at the bottom.
    tops = [a for a in work.additions if a.place.value == "top" and a not in there]
    bottoms = [a for a in work.additions if a.place.value == "bottom" and a not in there]
    for each in (*reversed(tops), *bottoms):
        carried_text = _brought(each, before)
        text = addition.in_html(text, each) if html else addition.in_plain(text, carried_text, flowed=flowed)
    if links.remaining(text, [link for link in wanted if link in found.found], markup=html):
        raise Unwritable(f"a link in part {work.part.path} could not be taken out everywhere")
    return text, missed, there


def _brought(each: AddText, before: Letters) -> AddText:
    return replace(each, text=before.brought(each.text))


def _brought_link(link: ReplaceLink, before: Letters) -> ReplaceLink:
    return replace(
        link,
        untrusted_raw=before.brought(link.untrusted_raw),
        replacement=before.brought(one_line(link.replacement)),
    )


def _forbidden(anatomy: Anatomy, part: Part) -> frozenset[bytes]:
    """What would be taken for a delimiter, and is none now."""
    body = anatomy.raw_body(part)
    marks = {b"--" + boundary for each in anatomy.parts for boundary in each.boundaries}
    return frozenset(mark for mark in marks if mark not in body)
