"""Carrying edits out: from a message and its anatomy to the message as its recipients get it, with a receipt.

Each edit is turned into ranges of the message that other octets take the place of; everything else stays as it is. The
outcome is taken apart again and has to hold to what `proof` demands. A part that still shows in another reading is
removed together with what is around it, step by step up to the whole body. What cannot be done so is Unfit: there is no
half of it.

Pure, and run in the jail: the message is hostile.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from mailock.core.mime.parse import parse
from mailock.core.mime.part import Anatomy, Part, PartPath, Span
from mailock.core.mime.splice import Replacement, splice
from mailock.core.rewriting import replacing, sevenbit, texting
from mailock.core.rewriting.edits import AddText, Edit, Place, ReplaceLink, StripPart, ToSevenBit
from mailock.core.rewriting.fields import IllegalField, change_fields
from mailock.core.rewriting.orders import Orders, Sealed
from mailock.core.rewriting.places import Atlas, Site, extent
from mailock.core.rewriting.proof import AGAINST, Failing, line_ends, prove
from mailock.core.rewriting.receipt import Change, Receipt, kept_around, shown
from mailock.core.rewriting.textbody import Unwritable


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """The message as it goes out."""

    fields: bytes
    """Header fields that go before it, each with its CRLF."""
    content: bytes | None
    """Its octets; None where they are those that came."""
    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """The edits cannot be made, and none of them was."""

    why: str
    """A sentence for people."""


@dataclass(slots=True)
class _Draft:
    """The changes as they are gathered."""

    replacements: list[Replacement] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    removed: list[tuple[int, Part]] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        return [replacement.span for replacement in self.replacements]


def carry_out(original: bytes, anatomy: Anatomy, orders: Orders) -> Remade | Unfit:
    """The message with all edits made, or why they cannot be made. Never raises for any octets."""
    if anatomy.defects & AGAINST:
        return Unfit(why="its header is longer than is looked at, so it cannot be changed safely")
    atlas = Atlas(anatomy)
    strips = [edit for edit in orders.edits if isinstance(edit, StripPart)]
    parts = [atlas.nearest(strip.part) for strip in strips]
    sites = [atlas.sites(part) for part in parts]
    levels = [0] * len(strips)
    spoilt = ""
    while True:
        try:
            chosen = [among[level] for among, level in zip(sites, levels, strict=True)]
            draft = _drafted(atlas, orders, list(zip(strips, parts, chosen, strict=True)), spoilt)
            outcome = _finished(original, atlas, orders, draft)
        except (Unwritable, IllegalField) as fault:
            return Unfit(why=str(fault))
        match outcome:
            case Remade() | Unfit():
                return outcome
            case Failing(strip=int(index)) if levels[index] + 1 < len(sites[index]):
                levels[index] += 1
            case Failing(why=why) if not spoilt and any(map(_is_courtesy, orders.edits)):
                # What is only to be added, or to be led round by us, is no reason to keep mail from its reader.
                spoilt = why
            case Failing(why=why):
                return Unfit(why=why)


def _finished(original: bytes, atlas: Atlas, orders: Orders, draft: _Draft) -> Remade | Unfit | Failing:
    """The outcome of a draft, proven."""
    root = atlas.anatomy.root
    refielded = change_fields(atlas.anatomy.raw_header(root), orders.edits)
    taken = draft.spans
    # Where the body is replaced, so are the MIME fields; no other field is touched by both.
    draft.replacements += [each for each in refielded.replacements if each.span not in taken]
    draft.changes += refielded.changes
    draft.replacements.sort(key=lambda each: (each.span.start, each.span.end))
    try:
        content = splice(original, draft.replacements)
    except ValueError as fault:
        return Unfit(why=f"the edits contradict each other: {fault}")
    changed = content != original
    if changed:
        if not line_ends(content):
            return Failing("lines of the message end otherwise than with CRLF")
        after = parse(content)
        failing = prove(atlas, after, draft.removed, draft.spans)
        if failing is not None:
            return failing
        if _converts(orders) and not sevenbit.same_contents(atlas.anatomy, after):
            return Failing("a part of it would not decode to what it was")
    if _converts(orders) and not content.isascii():
        return Failing("it has 8-bit octets that belong to no part")
    receipt = Receipt(
        changes=tuple(draft.changes),
        sha256_before=sha256(original).hexdigest(),
        sha256_after=sha256(content).hexdigest(),
        size_before=len(original),
        size_after=len(content),
        kept=kept_around(len(original), [(each.span, len(each.octets)) for each in draft.replacements]),
    )
    return Remade(fields=refielded.fields, content=content if changed else None, receipt=receipt)


def _is_courtesy(edit: Edit) -> bool:
    """Whether mail goes on without it where it cannot be made."""
    return isinstance(edit, AddText) or (isinstance(edit, ReplaceLink) and edit.clickable)


def _drafted(atlas: Atlas, orders: Orders, strips: Sequence[tuple[StripPart, Part, Site]], spoilt: str) -> _Draft:
    """The changes to the body. `spoilt`: why no courtesy may be done. Raises Unwritable."""
    draft = _Draft()
    for index, (strip, part, site) in enumerate(strips):
        if orders.sealed is Sealed.UNFIT and any(atlas.sealed(each) for each in site.parts):
            raise Unwritable(f"part {strip.part} is signed or encrypted, and may not be changed")
        draft.removed.append((index, part))
        draft.changes.append(_removed(strip, part, site))
    gone: list[Span] = []
    for strip, each in _outermost(strips):
        draft.replacements += replacing.replacements(atlas.anatomy, each, strip)
        gone.append(Span(each.body.start, each.body.end) if each.parent is None else extent(each))
    for work in _texts(atlas, orders, gone, draft, spoilt):
        _do(atlas.anatomy, work, draft)
    if _converts(orders):
        replacements, changes = sevenbit.convert(atlas)
        draft.replacements += replacements
        draft.changes += changes
    return draft


def _converts(orders: Orders) -> bool:
    return any(isinstance(edit, ToSevenBit) for edit in orders.edits)


def _outermost(strips: Sequence[tuple[StripPart, Part, Site]]) -> list[tuple[StripPart, Part]]:
    """The parts that are replaced, each once; not those that go with one around them."""
    chosen: dict[PartPath, tuple[StripPart, Part]] = {}
    for strip, _, site in strips:
        for part in site.parts:
            chosen.setdefault(part.path, (strip, part))
    found = list(chosen.values())
    return [
        (strip, part)
        for strip, part in found
        if not any(other is not part and _holds(extent(other), extent(part)) for _, other in found)
    ]


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end and outer != inner


def _texts(atlas: Atlas, orders: Orders, gone: Sequence[Span], draft: _Draft, spoilt: str) -> list[texting.Work]:
    """The texts that are changed, with what is to be done with each. Raises Unwritable."""
    works: dict[PartPath, texting.Work] = {}
    for edit in orders.edits:
        if isinstance(edit, ReplaceLink):
            part = atlas.part(edit.part)
            if edit.clickable and (spoilt or _is_out_of_reach(atlas, part)):
                continue
            if part is None or part.space != 0 or part.alternate or not part.readings:
                raise Unwritable(f"a link in {edit.part} stands where it cannot be replaced")
            if _is_gone(part, gone):
                continue
            if orders.sealed is Sealed.UNFIT and atlas.sealed(part):
                raise Unwritable(f"part {edit.part} is signed or encrypted, and may not be changed")
            works.setdefault(part.path, texting.Work(part)).links.append(edit)
    readable = [part for part in atlas.readable() if not _is_gone(part, gone)]
    additions = [edit for edit in orders.edits if isinstance(edit, AddText)]
    why = spoilt or ("" if readable else "there is none to read that may be changed")
    if additions and why:
        draft.changes.append(Change(part="", did=f"No text was added: {shown(why)}."))
    elif additions:
        for part in readable:
            works.setdefault(part.path, texting.Work(part)).additions += additions
    return list(works.values())


def _is_out_of_reach(atlas: Atlas, part: Part | None) -> bool:
    """Whether links in a part stay as they are, whatever is to become of others: nobody breaks a signature for them."""
    return part is None or part.space != 0 or part.alternate or not part.readings or atlas.sealed(part)


def _is_gone(part: Part, gone: Sequence[Span]) -> bool:
    return any(span.start <= part.body.start and part.body.end <= span.end for span in gone)


def _do(anatomy: Anatomy, work: texting.Work, draft: _Draft) -> None:
    part = work.part
    try:
        done = texting.change(anatomy, work)
    except Unwritable as fault:
        if not all(link.clickable for link in work.links):
            raise
        what = "No link was rewritten" if work.links else "No text was added"
        draft.changes.append(Change(part=part.path, did=f"{what}: {fault}."))
        return
    missed = [link for link in done.missed if not link.clickable]
    if missed:
        raise Unwritable(f"the link {shown(missed[0].untrusted_raw)} was not found in part {part.path}")
    before, after = sha256(part.readings[0].content).hexdigest(), sha256(done.content).hexdigest()
    for link in work.links:
        if link in done.missed:
            continue
        verb = "Rewrote" if link.clickable else "Neutralised"
        did = f"{verb} the link {shown(link.replacement)} in part {part.path}."
        draft.changes.append(Change(part=part.path, did=did, before=before, after=after))
    for each in work.additions:
        where = "top" if each.place is Place.TOP else "bottom"
        did = f"Added a text at the {where} of part {part.path}."
        if each in done.there:
            did = f"Added no text to part {part.path}: it is there already."
        draft.changes.append(Change(part=part.path, did=did, before=before, after=after))
    draft.replacements += done.replacements


def _removed(strip: StripPart, part: Part, site: Site) -> Change:
    name = f" ({shown(part.untrusted_names[0])})" if part.untrusted_names else ""
    where = ", ".join(each.path for each in site.parts)
    around = "" if where == strip.part else f", with all of {where}"
    return Change(
        part=where,
        did=f"Removed part {strip.part}{name}{around}.",
        before=sha256(part.readings[0].content).hexdigest() if part.readings else "",
        after=sha256(strip.text.encode("utf-8", "replace")).hexdigest(),
    )
