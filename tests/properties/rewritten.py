"""What holds of every message that edits were carried out on; shared by the property tests and the corpus test."""

from collections import Counter
from collections.abc import Callable, Sequence
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

import fast_mail_parser

from mailock.core.mime.compose import LONGEST
from mailock.core.mime.headers import fields, header_block
from mailock.core.mime.parse import parse
from mailock.core.mime.part import Anatomy, Part, Provenance
from mailock.core.rewriting.carry import Remade, Unfit
from mailock.core.rewriting.edits import Edit, RemoveHeader, SetHeader


def check(original: bytes, anatomy: Anatomy, outcome: Remade | Unfit) -> bool:
    """Raises AssertionError where an outcome breaks a law; whether there is one to judge."""
    if isinstance(outcome, Unfit):
        assert outcome.why
        return False
    content = original if outcome.content is None else outcome.content
    _check_receipt(original, content, outcome)
    _check_fields(outcome.fields)
    if outcome.content is None:
        return True
    assert content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r")
    assert longest(content) <= max(LONGEST, longest(original))
    assert content.isascii() or not original.isascii()
    assert not defects(outcome.fields + content) - defects(original)
    again = parse(content)
    assert again.defects <= anatomy.defects
    _check_untouched(original, anatomy, content, again, outcome)
    return True


def defects(mail: bytes) -> "Counter[str]":
    """What Python finds wrong."""
    found: Counter[str] = Counter()
    for part in BytesParser(policy=compat32).parsebytes(mail).walk():
        found.update(type(defect).__name__ for defect in part.defects)
    return found


def shape(mail: bytes) -> list[str]:
    """The types of the parts, as Python sees them."""
    message: Message = BytesParser(policy=compat32).parsebytes(mail)
    return [part.get_content_type() for part in message.walk()]


def reads_elsewhere(mail: bytes) -> bool:
    """Whether another parser reads a message without complaint."""
    try:
        return not fast_mail_parser.parse_email(mail).warnings
    except (fast_mail_parser.ParseError, ValueError, RecursionError):
        return False


def longest(mail: bytes) -> int:
    """Octets of the longest line."""
    return max(map(len, mail.split(b"\r\n")))


def no_field_was_smuggled(original: bytes, outcome: Remade, edits: Sequence[Edit]) -> bool:
    """Whether every field of the outcome stood there before, or was ordered."""
    content = original if outcome.content is None else outcome.content
    known = {_name(each.name) for each in fields(header_block(original))}
    ordered = {_name(edit.name.encode()) for edit in edits if isinstance(edit, SetHeader | RemoveHeader)}
    ours = {b"subject", b"mime-version", b"content-type", b"content-transfer-encoding", b"content-disposition"}
    now = {_name(each.name) for each in fields(header_block(outcome.fields + content))}
    return now <= known | ordered | ours


def _name(name: bytes) -> bytes:
    return name.strip().lower()


def _check_receipt(original: bytes, content: bytes, outcome: Remade) -> None:
    receipt = outcome.receipt
    assert (receipt.size_before, receipt.size_after) == (len(original), len(content))
    for kept in receipt.kept:
        span = kept.span
        assert original[span.start : span.end] == content[kept.now : kept.now + len(span)]


def _check_fields(block: bytes) -> None:
    for each in fields(block):
        assert each.name and each.raw.endswith(b"\r\n") and each.raw.isascii()
        assert longest(each.raw) <= LONGEST
    assert b"\r\n\r\n" not in block


def _check_untouched(original: bytes, before: Anatomy, content: bytes, after: Anatomy, outcome: Remade) -> None:
    """Parts that lie whole in what was kept are there again, octet for octet."""
    there = [_octets(content, part) for part in after.parts if part.space == 0]
    for part in before.parts:
        if part.space or part.provenance is not Provenance.MIME or part.alternate or part.parent is None:
            continue
        start, end = part.header.start, part.body.end
        if end > start and any(k.span.start < start and end < k.span.end for k in outcome.receipt.kept):
            assert _octets(original, part) in there, part.path


def _octets(mail: bytes, part: Part) -> bytes:
    return mail[part.header.start : part.body.end]


Law = Callable[[bytes, Anatomy, Remade | Unfit], bool]
