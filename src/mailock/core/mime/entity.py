"""One entity, read: what it declares, how its body is split, what it decodes to, and what comes to light within it.

Every reading of the header block is followed. A body is split by each boundary that stands in it; it is decoded where
some reading says that it is no multipart. The outcome is a part and its offspring, which are read in their turn.
"""

from typing import Final

from mailock.core.mime import block, contents, stray
from mailock.core.mime.boundaries import splittings
from mailock.core.mime.budget import Account
from mailock.core.mime.charsets import codec
from mailock.core.mime.declared import Declared, declared
from mailock.core.mime.defects import Defect
from mailock.core.mime.enclosed import enclosed
from mailock.core.mime.part import How, Part, Provenance, Span
from mailock.core.mime.work import MESSAGE_NAMES, Entity, Outcome

_MESSAGES: Final = ("message/rfc822", "message/global", "message/news", "message/partial", "message/external-body")
_NOT_MESSAGES: Final = frozenset(
    {"message/delivery-status", "message/global-delivery-status", "message/disposition-notification"}
    | {"message/global-disposition-notification", "message/feedback-report", "message/sip", "message/http"}
)


class Reader:
    """Reads entities of one message, on one account."""

    def __init__(self, message: bytes, account: Account) -> None:
        self.account = account
        self.spaces = [message]

    def read(self, entity: Entity) -> tuple[Part, Outcome]:
        """Read one entity."""
        data = self.spaces[entity.space]
        if entity.provenance in (Provenance.PREAMBLE, Provenance.EPILOGUE):
            # No header block is due here; fields that stand here all the same are found as strays.
            head = block.Head(entity.start, (block.HeadReading(entity.start, ()),), frozenset())
        else:
            head = block.head(data, entity.start, entity.end, self.account.budget.header)
        readings = head.readings
        outcome = Outcome(Span(entity.start, head.end), Span(readings[0].body, entity.end))
        outcome.defects |= head.defects
        known: list[Declared] = []
        for reading in readings:
            said = declared(reading.fields)
            if not said.types:
                said.types.append(entity.default)
            known.append(said)
            outcome.defects |= said.defects
            self._follow(entity, reading.body, said, outcome)
        types = tuple(dict.fromkeys(media for said in known for media in said.types))
        self._look_within(entity, outcome)
        return _part(entity, known, types, outcome, self.account), outcome

    def _follow(self, entity: Entity, body: int, said: Declared, outcome: Outcome) -> None:
        """Follow one reading of the header block: split the body, decode it, or both."""
        data = self.spaces[entity.space]
        multipart = [media.startswith("multipart/") for media in said.types]
        deep = entity.depth >= self.account.budget.depth
        split = False
        if said.boundaries and not deep:
            split = self._split(entity.space, body, entity.end, said, outcome)
            if split and Defect.NOT_CLOSED in outcome.defects and entity.limit > entity.end:
                self._split_on(entity, body, said, outcome)
        if split and all(multipart):
            return
        raw: bytes | None = None
        if any(multipart):
            if not deep and said.boundaries and said.decoders and said.decoders != ["identity"]:
                raw = data[body : entity.end]
                split = self._split_decoded(raw, said, outcome)
            if not split:
                outcome.defects.add(Defect.BOUNDARY_NOT_FOUND if said.boundaries else Defect.NO_BOUNDARY)
        if deep and any(media.startswith(("multipart/", "message/")) for media in said.types):
            outcome.defects.add(Defect.TOO_DEEP)
        message = not deep and _is_message(said)
        if message and said.decoders in ([], ["identity"]):
            outcome.messages.append((entity.space, Span(body, entity.end)))
            if all(media.startswith("message/") for media in said.types):
                return
        found, defects = contents.decode(raw or data[body : entity.end], said.decoders, self.account)
        outcome.defects |= defects
        if message:
            outcome.defects.add(Defect.ENCODED_MULTIPART)
        for reading in found:
            if message and reading.how is How.IDENTITY:
                outcome.messages.append((entity.space, Span(body, entity.end)))
            elif message:
                self.spaces.append(reading.content)
                outcome.messages.append((len(self.spaces) - 1, Span(0, len(reading.content))))
            if all(reading.content != other.content for other in outcome.readings):
                outcome.readings.append(reading)

    def _split(self, space: int, start: int, end: int, said: Declared, outcome: Outcome) -> bool:
        """Split a body by each boundary that stands in it."""
        found = False
        for boundary in said.boundaries:
            split = splittings(self.spaces[space], start, end, boundary, self.account.delimiters_left())
            self.account.delimiters += split.lines
            if split.cut:
                outcome.defects.add(Defect.TOO_MANY_PARTS)
            if split.odd:
                outcome.defects.add(Defect.ODD_DELIMITER)
            if split.after_close:
                outcome.defects.add(Defect.PARTS_AFTER_CLOSE)
            for way in split.ways:
                if len(outcome.ways) >= self.account.budget.readings:
                    outcome.defects.add(Defect.AMBIGUOUS)
                    return True
                other = bool(outcome.ways)
                if not any(known == way for _, known, _ in outcome.ways):
                    outcome.ways.append((space, way, other))
            if split.ways:
                if found or (outcome.boundaries and boundary not in outcome.boundaries):
                    outcome.defects.add(Defect.DUPLICATE_BOUNDARY)
                found = True
                if boundary not in outcome.boundaries:
                    outcome.boundaries.append(boundary)
                if not split.ways[0].closed:
                    outcome.defects.add(Defect.NOT_CLOSED)
        if found and not any(media.startswith("multipart/") for media in said.types):
            outcome.defects.add(Defect.MULTIPART_BY_BOUNDARY)
        return found

    def _split_on(self, entity: Entity, body: int, said: Declared, outcome: Outcome) -> None:
        """Split an inner multipart that does not end before the outer one goes on, as if there were no outer one."""
        if not self.account.again(entity.limit - entity.end):
            outcome.defects.add(Defect.AMBIGUOUS)
            return
        self._split(entity.space, body, entity.limit, said, outcome)

    def _split_decoded(self, raw: bytes, said: Declared, outcome: Outcome) -> bool:
        """Split what a body decodes to, which no multipart may need (RFC 2045 section 6.4)."""
        found = False
        for reading in contents.decode(raw, said.decoders, self.account)[0]:
            if reading.how is How.IDENTITY:
                continue
            self.spaces.append(reading.content)
            if self._split(len(self.spaces) - 1, 0, len(reading.content), said, outcome):
                outcome.defects.add(Defect.ENCODED_MULTIPART)
                found = True
            else:
                self.spaces.pop()
        return found

    def _look_within(self, entity: Entity, outcome: Outcome) -> None:
        """Look for parts and files in a body that is no multipart; beyond the depth allowed, only whether there are."""
        if not outcome.ways and not outcome.messages:
            most = self.account.budget.alternatives - self.account.alternatives
            data = self.spaces[entity.space]
            outcome.strays, more = stray.strays(data, outcome.body.start, entity.end, max(most, 0))
            if more:
                outcome.defects.add(Defect.AMBIGUOUS)
            if outcome.strays:
                outcome.defects.add(Defect.STRAY_PART)
        if outcome.readings:
            outcome.enclosed, defects = enclosed(outcome.readings)
            outcome.defects |= defects
        if entity.depth >= self.account.budget.depth and (outcome.strays or outcome.enclosed):
            outcome.defects.add(Defect.TOO_DEEP)
            outcome.strays, outcome.enclosed = [], []


def _is_message(said: Declared) -> bool:
    for media in said.types:
        if media in _MESSAGES or (media.startswith("message/") and media not in _NOT_MESSAGES):
            return True
    return any(name.lower().endswith(MESSAGE_NAMES) for name in said.names.found)


def _part(entity: Entity, known: list[Declared], types: tuple[str, ...], outcome: Outcome, account: Account) -> Part:
    names = tuple(dict.fromkeys(name for said in known for name in said.names.listed())) or entity.names
    if len(names) > account.budget.names:
        outcome.defects.add(Defect.AMBIGUOUS)
    if any(said.names.odd for said in known):
        outcome.defects.add(Defect.CONTRADICTING_NAMES)
    if len(outcome.readings) > 1:
        outcome.defects.add(Defect.CONTRADICTING_READINGS)
    charsets = tuple(dict.fromkeys(charset for said in known for charset in said.charsets))
    if not all(map(codec, charsets)):
        outcome.defects.add(Defect.UNKNOWN_CHARSET)
    if "message/partial" in types:
        outcome.defects.add(Defect.PARTIAL)
    if "message/external-body" in types:
        outcome.defects.add(Defect.EXTERNAL_BODY)
    return Part(
        path=entity.path,
        parent=entity.parent,
        provenance=entity.provenance,
        alternate=entity.alternate,
        space=entity.space,
        header=outcome.header,
        body=outcome.body,
        types=types,
        charsets=charsets,
        encodings=tuple(dict.fromkeys(encoding for said in known for encoding in said.encodings)),
        dispositions=tuple(dict.fromkeys(word for said in known for word in said.dispositions)),
        untrusted_names=names[: account.budget.names],
        boundaries=tuple(outcome.boundaries),
        readings=tuple(outcome.readings),
        defects=frozenset(outcome.defects),
    )
