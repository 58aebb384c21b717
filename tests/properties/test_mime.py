"""Whatever octets come: a message is taken apart without raising, ranges hold, and what was packed well is found."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailock.core.mime import charsets, words
from mailock.core.mime.budget import USUAL, Budget
from mailock.core.mime.parse import parse
from mailock.core.mime.part import Part, Provenance, Span
from mailock.core.mime.splice import Replacement, splice
from tests.properties import mime_laws
from tests.properties.mime_pieces import PIECES

MESSAGES = st.one_of(
    st.binary(max_size=400),
    st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8)), max_size=40).map(b"".join),
)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20).filter(
    lambda name: not set(name) & set("\"\\%='?/")
)
TINY = Budget(depth=3, parts=6, octets=300, readings=3, alternatives=4, header=200, names=2)


@given(MESSAGES)
def test_every_anatomy_keeps_the_laws(message: bytes) -> None:
    mime_laws.check(message, parse(message))


@given(MESSAGES)
def test_a_budget_is_kept_and_what_it_cuts_off_is_seen(message: bytes) -> None:
    anatomy = parse(message, TINY)
    mime_laws.check(message, anatomy)
    assert len(anatomy.parts) <= TINY.parts + 1
    assert sum(len(reading.content) for part in anatomy.parts for reading in part.readings) <= TINY.octets
    assert all(len(part.untrusted_names) <= TINY.names for part in anatomy.parts)
    if anatomy.complete:
        assert [part.path for part in anatomy.parts] == [part.path for part in parse(message, USUAL).parts]


@given(MESSAGES)
def test_a_view_reads_as_its_octets_do(message: bytes) -> None:
    assert parse(memoryview(message)) == parse(message)


@given(MESSAGES, st.text(max_size=12))
def test_text_never_fails(octets: bytes, charset: str) -> None:
    assert isinstance(words.decode(octets), str)
    assert all(isinstance(text, str) for text in charsets.texts(octets, (charset, "utf-7", "utf-16")))


def _leaves(parts: tuple[Part, ...]) -> list[Part]:
    """Parts of the most likely reading that stand side by side in the message itself."""
    parents = {part.parent for part in parts if not part.alternate}
    return [
        part
        for part in parts
        if part.space == 0 and part.provenance is Provenance.MIME and not part.alternate and part.path not in parents
    ]


@given(MESSAGES)
def test_bodies_put_in_their_own_place_change_nothing(message: bytes) -> None:
    leaves = _leaves(parse(message).parts)
    same = [Replacement(part.body, message[part.body.start : part.body.end]) for part in leaves]
    assert splice(message, same) == message


@given(MESSAGES, st.binary(max_size=20), st.data())
def test_what_is_not_replaced_stays_as_it_is(message: bytes, octets: bytes, data: st.DataObject) -> None:
    leaves = _leaves(parse(message).parts)
    if not leaves:
        return
    part = data.draw(st.sampled_from(leaves))
    changed = splice(message, [Replacement(part.body, octets)])
    assert changed == message[: part.body.start] + octets + message[part.body.end :]


@given(st.binary(max_size=50), st.integers(0, 60), st.integers(0, 60))
def test_ranges_outside_are_refused(octets: bytes, start: int, end: int) -> None:
    if 0 <= start <= end <= len(octets):
        assert splice(octets, [Replacement(Span(start, end), b"")]) == octets[:start] + octets[end:]
    else:
        with pytest.raises(ValueError, match="outside"):
            splice(octets, [Replacement(Span(start, end), b"")])


@given(st.lists(st.tuples(st.binary(max_size=300), NAMES), min_size=1, max_size=4), st.text(max_size=100))
def test_what_the_standard_library_packs_is_found(files: list[tuple[bytes, str]], text: str) -> None:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content("".join(letter for letter in text if letter.isprintable()))
    for content, name in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    anatomy = parse(message.as_bytes(policy=SMTP))
    assert anatomy.complete
    likely = [part for part in anatomy.parts if part.types == ("application/octet-stream",) and not part.alternate]
    assert len(likely) == len(files)
    for part, (content, name) in zip(likely, files, strict=True):
        assert part.readings[0].content == content
        assert name in part.untrusted_names
