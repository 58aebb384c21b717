"""Header fields set, removed, and the subject with a word before it; nothing can be smuggled in."""

from email import message_from_bytes
from email.header import decode_header, make_header

import pytest

from mailock.core.rewriting.edits import Edit, PrefixSubject, RemoveHeader, SetHeader
from mailock.core.rewriting.fields import IllegalField, added_fields
from tests.unit.core.rewriting.test_carry import done, why_not

SPAM = PrefixSubject(text="[SPAM]")


def made(header: str, *edits: Edit) -> bytes:
    """A message as it goes out, added fields and all."""
    mail = header.encode("utf-8", "surrogateescape") + b"\r\nbody\r\n"
    outcome = done(mail, *edits)
    return outcome.fields + (mail if outcome.content is None else outcome.content)


def subject(header: str, *edits: Edit) -> str:
    """The subject as a reader sees it."""
    message = message_from_bytes(made(header, *edits))
    return str(make_header(decode_header(message["Subject"])))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Subject: hello\r\n", b"Subject: [SPAM] hello\r\n\r\nbody\r\n"),
        ("subject:hello\r\n", b"subject: [SPAM] hello\r\n\r\nbody\r\n"),
        ("Subject: hello\r\n world\r\n", b"Subject: [SPAM] hello\r\n world\r\n\r\nbody\r\n"),
        ("Subject:\r\n hello\r\n", b"Subject: [SPAM] hello\r\n\r\nbody\r\n"),
        ("Subject:\r\n", b"Subject: [SPAM]\r\n\r\nbody\r\n"),
        ("Subject: \r\nTo: x\r\n", b"Subject: [SPAM]\r\nTo: x\r\n\r\nbody\r\n"),
        ("To: x\r\n", b"Subject: [SPAM]\r\nTo: x\r\n\r\nbody\r\n"),
        ("Subject: a\r\nSubject: b\r\n", b"Subject: [SPAM] a\r\nSubject: [SPAM] b\r\n\r\nbody\r\n"),
        ("Subject: " + "x" * 70 + "\r\n", b"Subject: [SPAM]\r\n " + b"x" * 70 + b"\r\n\r\nbody\r\n"),
        ("Subject: [SPAM] hello\r\n", b"Subject: [SPAM] hello\r\n\r\nbody\r\n"),
        ("Subject: Re: [SPAM] hello\r\n", b"Subject: Re: [SPAM] hello\r\n\r\nbody\r\n"),
        ("Subject: AW: Fwd[2]: [SPAM] hello\r\n", b"Subject: AW: Fwd[2]: [SPAM] hello\r\n\r\nbody\r\n"),
        ("Subject: about [SPAM]\r\n", b"Subject: [SPAM] about [SPAM]\r\n\r\nbody\r\n"),
        ("Subject: =?utf-8?q?=5BSPAM=5D_x?=\r\n", b"Subject: =?utf-8?q?=5BSPAM=5D_x?=\r\n\r\nbody\r\n"),
    ],
)
def test_a_word_is_put_before_the_subject(before: str, after: bytes) -> None:
    assert made(before, SPAM) == after


@pytest.mark.parametrize("prefix", ["[SPÄM]", "⚠ внешнее:", "[外部]", "😀" * 20])
@pytest.mark.parametrize("said", ["hello", "=?utf-8?B?w6TDtg==?=", "=?iso-8859-1?Q?=E4?= b", "grüß"])
def test_a_word_of_any_letters_is_put_before_any_subject(prefix: str, said: str) -> None:
    header = f"Subject: {said}\r\n"
    plain = {"=?utf-8?B?w6TDtg==?=": "äö", "=?iso-8859-1?Q?=E4?= b": "ä b"}.get(said, said)
    octets = made(header, PrefixSubject(text=prefix))
    ours = octets.split(b"\r\n\r\n", 1)[0]
    assert max(map(len, ours.split(b"\r\n"))) <= 78
    shown = subject(header, PrefixSubject(text=prefix)).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if said != "grüß":
        assert shown == f"{prefix} {plain}"
    again = made(header, PrefixSubject(text=prefix), PrefixSubject(text=prefix))
    assert again == octets


def test_prefixes_of_two_rules_both_stand_there() -> None:
    assert subject("Subject: x\r\n", SPAM, PrefixSubject(text="[EXTERNAL]")) == "[SPAM] [EXTERNAL] x"
    assert subject("To: x\r\n", SPAM, PrefixSubject(text="[EXTERNAL]")) == "[SPAM] [EXTERNAL]"


def test_a_prefix_that_is_part_of_a_word_is_not_there_yet() -> None:
    assert subject("Subject: SPAMMING\r\n", PrefixSubject(text="SPAM")) == "SPAM SPAMMING"


def test_forged_fields_go_where_ours_is_set() -> None:
    header = "X-V: benign\r\nTo: a\r\nx-v :\r\n benign\r\nX-Very: y\r\n"
    assert made(header, SetHeader(name="X-V", value="bad")) == b"X-V: bad\r\nTo: a\r\nX-Very: y\r\n\r\nbody\r\n"


def test_several_of_one_name_stand_in_order() -> None:
    both = SetHeader(name="X-V", value="1"), SetHeader(name="X-V", value="2")
    assert made("X-V: 0\r\n", *both) == b"X-V: 1\r\nX-V: 2\r\n\r\nbody\r\n"


def test_fields_are_removed_all_or_by_what_they_begin_with() -> None:
    header = "A: one\r\nB: x\r\nA: two\r\n  three\r\na : =?utf-8?q?two?= four\r\n"
    assert made(header, RemoveHeader(name="a")) == b"B: x\r\n\r\nbody\r\n"
    assert made(header, RemoveHeader(name="A", beginning="two")) == b"A: one\r\nB: x\r\n\r\nbody\r\n"
    assert done(header.encode() + b"\r\n", RemoveHeader(name="Nothing")).receipt.changes == ()


@pytest.mark.parametrize(
    "value", ["a\r\nBcc: evil@example", "a\n\nbody", "a\0b", "\r\n", "ä" * 500, "x" * 5000, "\u2028b"]
)
def test_a_value_cannot_leave_its_field(value: str) -> None:
    octets = made("To: a\r\n", SetHeader(name="X-V", value=value))
    head, _, rest = octets.partition(b"\r\n\r\n")
    assert rest == b"body\r\n"
    message = message_from_bytes(octets)
    assert message.keys() == ["X-V", "To"]
    assert head.isascii() and max(map(len, head.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("text", ["[A]\r\nBcc: evil@example", "\n\nx", "", " ", "=?utf-8?q?x?="])
def test_a_prefix_cannot_leave_the_subject(text: str) -> None:
    octets = made("Subject: x\r\nTo: a\r\n", PrefixSubject(text=text))
    assert message_from_bytes(octets).keys() == ["Subject", "To"]


@pytest.mark.parametrize("name", ["", "X Y", "X:Y", "X\r\nY", "Ä", "x" * 99, "Content-Type", "MIME-Version"])
@pytest.mark.parametrize("kind", [SetHeader, RemoveHeader])
def test_a_name_that_no_field_can_have_is_refused(name: str, kind: type[SetHeader | RemoveHeader]) -> None:
    edit: Edit = SetHeader(name=name, value="x") if kind is SetHeader else RemoveHeader(name=name)
    assert why_not(b"To: a\r\n\r\nbody\r\n", edit)
    if kind is SetHeader:
        with pytest.raises(IllegalField):
            added_fields([edit], subject=True)


def test_a_subject_that_is_set_gets_no_second_one() -> None:
    octets = made("Subject: x\r\n", SetHeader(name="Subject", value="y"), SPAM)
    assert octets.count(b"ubject:") == 1
