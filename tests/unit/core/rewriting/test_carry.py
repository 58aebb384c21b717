"""Edits carried out: what is ordered is done in every form that mail has, and nothing else is touched."""

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from mailock.core.mime.parse import parse
from mailock.core.mime.part import PartPath
from mailock.core.rewriting.carry import Remade, Unfit, carry_out
from mailock.core.rewriting.edits import AddText, Edit, Place, PrefixSubject, ReplaceLink, SetHeader, StripPart
from mailock.core.rewriting.orders import Orders, Sealed

TEXT = "The file was removed."
MIXED = (
    b"From: a@example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b1\r\n\r\n"
    b"for old clients\r\n"
    b"--b1\r\nContent-Type: multipart/alternative; boundary=b2\r\n\r\n"
    b"--b2\r\n\r\nHello.\r\n"
    b"--b2\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<body><p>Hello.</p></body>\r\n--b2--\r\n"
    b"--b1\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=bad.exe\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nTVqQAAMAAAAEAAAA\r\n"
    b"--b1\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=good.txt\r\n\r\ngood\r\n"
    b"--b1--\r\n"
)


def strip(path: str, text: str = TEXT, name: str = "removed.txt") -> StripPart:
    """The order to remove a part."""
    return StripPart(part=PartPath(path), text=text, name=name)


def done(mail: bytes, *edits: Edit, sealed: Sealed = Sealed.UNFIT) -> Remade:
    """The message as it goes out."""
    outcome = carry_out(mail, parse(mail), Orders(edits=edits, sealed=sealed))
    assert isinstance(outcome, Remade), outcome
    return outcome


def body(mail: bytes, *edits: Edit, sealed: Sealed = Sealed.UNFIT) -> bytes:
    """Its octets."""
    content = done(mail, *edits, sealed=sealed).content
    assert content is not None
    return content


def why_not(mail: bytes, *edits: Edit, sealed: Sealed = Sealed.UNFIT) -> str:
    """Why it cannot be made."""
    outcome = carry_out(mail, parse(mail), Orders(edits=edits, sealed=sealed))
    assert isinstance(outcome, Unfit)
    return outcome.why


def read(mail: bytes) -> EmailMessage:
    """As Python reads it."""
    message = message_from_bytes(mail, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_part_is_replaced_by_a_text_and_the_rest_is_the_same() -> None:
    before, _, after = MIXED.partition(b"Content-Type: application/octet-stream")
    after = after[after.index(b"\r\n--b1\r\n") :]
    content = body(MIXED, strip("1.2"))
    assert content.startswith(before) and content.endswith(after)
    part = list(read(content).walk())[4]
    assert (part.get_content_type(), part.get_filename()) == ("text/plain", "removed.txt")
    assert part.get_content().strip() == TEXT


def test_the_part_of_a_packed_file_takes_its_attachment_along() -> None:
    assert body(MIXED, strip("1.2/zip:3/ole:1")) == body(MIXED, strip("1.2"))


def test_the_receipt_says_what_was_removed() -> None:
    (change,) = done(MIXED, strip("1.2/zip:1")).receipt.changes
    assert change.did == "Removed part 1.2/zip:1 (bad.exe), with all of 1.2."
    assert len(change.before) == len(change.after) == 64


def test_two_parts_within_one_that_goes_are_no_contradiction() -> None:
    content = body(MIXED, strip("1.1.1"), strip("1.1"), strip("1.1.2"))
    assert [part.get_content_type() for part in read(content).walk()] == [
        "multipart/mixed",
        "text/plain",
        "application/octet-stream",
        "text/plain",
    ]


def test_a_text_that_is_read_is_replaced_where_it_is_read() -> None:
    part = list(read(body(MIXED, strip("1.1.2"))).walk())[3]
    assert (part.get_content_disposition(), part.get_filename()) == ("inline", None)


def test_text_in_all_letters_goes_as_utf_8() -> None:
    part = list(read(body(MIXED, strip("1.2", "Анлаге entfernt: „böse.exe“ 😀", "gelöscht.txt"))).walk())[4]
    assert part.get_content().strip() == "Анлаге entfernt: „böse.exe“ 😀"
    assert part.get_filename() == "gelöscht.txt"


@pytest.mark.parametrize("text", ["--b1--", "a\n--b1\n\nb", "--b2--\n--b1", "x--b1"])
def test_a_text_cannot_end_the_part_it_stands_in(text: str) -> None:
    content = body(MIXED, strip("1.2", text))
    parts = list(read(content).walk())
    assert len(parts) == 6
    assert parts[4].get_content().strip() == text


@pytest.mark.parametrize("name", ['a"; x="y', "a\r\nX-Evil: yes", "../../etc/passwd", "", "a" * 999, "."])
def test_a_name_cannot_leave_its_field(name: str) -> None:
    content = body(MIXED, strip("1.2", name=name))
    part = list(read(content).walk())[4]
    assert part.keys() == ["Content-Disposition", "Content-Type", "Content-Transfer-Encoding"]
    assert not set(part.get_filename() or "") & set('"/\\\r\n')


SINGLE = (
    b"From: a@example\r\nContent-Type: application/zip; name=a.zip\r\nSubject: x\r\n"
    b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\nUEsDBA==\r\n"
)


def test_the_only_part_is_replaced_and_the_fields_stay() -> None:
    content = body(SINGLE, strip("1"))
    message = read(content)
    assert message.get_content().strip() == TEXT
    assert (message.get_content_type(), message["Subject"], message["MIME-Version"]) == ("text/plain", "x", "1.0")
    assert content.count(b"Content-Type") == content.count(b"Content-Transfer-Encoding") == 1


@pytest.mark.parametrize("mail", [b"", b"\r\n", b"\r\nbody\r\n", b"From: a@example\r\n", b"From: a@example", b"body"])
def test_messages_that_are_hardly_any(mail: bytes) -> None:
    outcome = done(mail, strip("1"), SetHeader(name="X-V", value="1"))
    assert outcome.content is not None
    assert read(outcome.fields + outcome.content).get_content().strip() == TEXT


def test_the_part_of_a_message_within_is_replaced_there() -> None:
    inner = MIXED.replace(b"b1", b"i1").replace(b"b2", b"i2")
    mail = (
        b"Subject: fwd\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nsee\r\n"
        b"--o\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--o--\r\n"
    )
    content = body(mail, strip("1.2/rfc822:1.2"))
    parts = [part.get_content_type() for part in read(content).walk()]
    assert parts == [
        *("multipart/mixed", "text/plain", "message/rfc822", "multipart/mixed", "multipart/alternative"),
        *("text/plain", "text/html", "text/plain", "text/plain"),
    ]
    assert b"TVqQ" not in content and b"good" in content and content.count(b"message/rfc822") == 1


def test_what_lies_in_an_encoded_message_goes_with_the_whole_of_it() -> None:
    from base64 import encodebytes

    inner = encodebytes(MIXED).replace(b"\n", b"\r\n")
    mail = (
        b"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nsee\r\n--o\r\nContent-Type: message/rfc822\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + inner + b"\r\n--o--\r\n"
    )
    bad = next(p.path for p in parse(mail).parts if "bad.exe" in p.untrusted_names)
    content = body(mail, strip(bad))
    assert [part.get_content_type() for part in read(content).walk()] == ["multipart/mixed"] + ["text/plain"] * 2


UU = b"begin 644 bad.exe\r\n#0V%T\r\n`\r\nend\r\n"


@pytest.mark.parametrize(
    "inner",
    [
        UU,
        b"=ybegin line=128 size=3 name=bad.exe\r\nm\x8b\x9e\r\n=yend size=3\r\n",
    ],
)
def test_a_file_within_a_text_takes_the_text_along(inner: bytes) -> None:
    mail = b"Subject: x\r\n\r\nlook:\r\n" + inner
    packed = parse(mail).parts[1]
    content = body(mail, strip(packed.path))
    assert inner not in content and read(content).get_content().strip() == TEXT


def test_a_part_of_another_reading_is_gone_in_every_reading() -> None:
    mail = (
        b"Content-Type: multipart/mixed; boundary=one\r\nContent-Type: multipart/mixed; boundary=two\r\n\r\n"
        b"--one\r\n\r\nharmless\r\n--one--\r\n"
        b"--two\r\nContent-Type: application/octet-stream\r\n\r\nMZ evil octets\r\n--two--\r\n"
    )
    found = [p for p in parse(mail).parts if any(r.content.startswith(b"MZ evil") for r in p.readings)]
    assert found
    content = body(mail, *(strip(part.path) for part in found))
    assert b"MZ evil" not in content


def test_text_before_the_first_part_is_taken_out() -> None:
    mail = MIXED.replace(b"for old clients", b"MZ evil octets")
    content = body(mail, strip("1/preamble"))
    assert content == mail.replace(b"MZ evil octets", b"")


SIGNED = (
    b"Subject: s\r\nContent-Type: multipart/signed; protocol=x; boundary=s\r\n\r\n--s\r\n\r\nhttp://bad.example/\r\n"
    b"--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nx\r\n--s--\r\n"
)
LINK = ReplaceLink(
    part=PartPath("1.1"), untrusted_raw="http://bad.example/", replacement="hxxp[:]//bad[.]example/", clickable=False
)
LINK_ELSEWHERE = ReplaceLink(part=PartPath("1.1"), untrusted_raw="http://x/", replacement="y", clickable=False)
INLINE = b"Subject: s\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nhttp://bad.example/\r\n"
OPAQUE = b"Subject: s\r\nContent-Type: application/pkcs7-mime\r\n\r\nMIIB\r\n"
ENCRYPTED = SIGNED.replace(b"multipart/signed", b"multipart/encrypted")


@pytest.mark.parametrize(
    ("mail", "edit"),
    [(SIGNED, strip("1.1")), (SIGNED, LINK), (OPAQUE, strip("1")), (ENCRYPTED, strip("1.2")), (INLINE, strip("1"))],
)
def test_what_is_signed_or_encrypted_is_changed_only_where_policy_says_so(mail: bytes, edit: Edit) -> None:
    assert "signed or encrypted" in why_not(mail, edit)
    assert body(mail, edit, sealed=Sealed.CHANGE)


@pytest.mark.parametrize("mail", [SIGNED, INLINE, OPAQUE, ENCRYPTED])
@pytest.mark.parametrize("sealed", Sealed)
def test_a_text_is_never_added_to_it(mail: bytes, sealed: Sealed) -> None:
    outcome = done(mail, AddText(text="signature", place=Place.BOTTOM), SetHeader(name="X", value="y"), sealed=sealed)
    assert outcome.content is None
    assert outcome.receipt.sentences[0].startswith("No text was added")


def test_what_cannot_be_changed_safely_is_not() -> None:
    long = b"X: " + b"y" * (2 << 20) + b"\r\n\r\nbody\r\n"
    assert "longer than is looked at" in why_not(long, strip("1"))
    assert "CRLF" in why_not(b"Subject: x\r\n\r\na\nb\r\n", PrefixSubject(text="[x]"))
    added = done(b"Subject: x\r\n\r\na\nb\r\n", AddText(text="x", place=Place.TOP))
    assert added.content is None and "CRLF" in added.receipt.sentences[0]


def test_edits_of_headers_alone_touch_nothing_else() -> None:
    odd = b"Subject: x\r\n\r\na\nb\r"
    assert done(odd, SetHeader(name="X", value="y")).content is None


def test_a_link_that_is_not_there_is_said() -> None:
    assert "was not found in part 1.1" in why_not(SIGNED, LINK_ELSEWHERE, sealed=Sealed.CHANGE)
    assert "cannot be replaced" in why_not(MIXED, replace(LINK, part=PartPath("1.9")))


COURTESY = ReplaceLink(
    part=PartPath("1.1"),
    untrusted_raw="http://bad.example/",
    replacement="https://portal.example/click/t",
    clickable=True,
)


@pytest.mark.parametrize("sealed", Sealed)
def test_a_link_that_only_is_to_ask_first_breaks_no_signature(sealed: Sealed) -> None:
    outcome = done(SIGNED, COURTESY, SetHeader(name="X", value="y"), sealed=sealed)
    assert outcome.content is None


def test_a_link_that_only_is_to_ask_first_keeps_no_mail_from_its_reader() -> None:
    lost = replace(COURTESY, part=PartPath("1.1.1"), untrusted_raw="http://not.there/")
    for edit in (replace(COURTESY, part=PartPath("1.9")), lost):
        assert done(MIXED, edit).content is None
    odd = done(b"Subject: x\r\n\r\nhttp://bad.example/\nb\r\n", replace(COURTESY, part=PartPath("1")))
    assert odd.content is None
    assert "not found" in why_not(MIXED, replace(lost, clickable=False))
