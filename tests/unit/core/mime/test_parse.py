"""Messages, taken apart: paths, types, readings, defects."""

import base64

import pytest

from mailock.core.mime.budget import USUAL, Budget
from mailock.core.mime.defects import Defect
from mailock.core.mime.parse import parse
from mailock.core.mime.part import Anatomy, How, Part, PartPath, Provenance, decoded, names

MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def part(anatomy: Anatomy, path: str) -> Part:
    return next(each for each in anatomy.parts if each.path == path)


def paths(anatomy: Anatomy) -> list[str]:
    return [each.path for each in anatomy.parts]


def content(anatomy: Anatomy, path: str) -> bytes:
    return decoded(part(anatomy, path))[0].content


def test_an_empty_message_has_one_part() -> None:
    anatomy = parse(b"")
    assert paths(anatomy) == ["1"]
    assert anatomy.root.types == ("text/plain",)
    assert anatomy.complete and not anatomy.ambiguous


def test_a_multipart_has_numbered_parts_with_their_ranges() -> None:
    message = MIXED + b"--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n--b\r\n\r\nplain\r\n--b--\r\n"
    anatomy = parse(message)
    assert paths(anatomy) == ["1", "1.1", "1.2"]
    assert not anatomy.defects
    first = part(anatomy, "1.1")
    assert first.types == ("text/html",)
    assert anatomy.raw_header(first) == b"Content-Type: text/html\r\n"
    assert anatomy.raw_body(first) == content(anatomy, "1.1") == b"<p>"
    assert content(anatomy, "1.2") == b"plain"
    assert [each.path for each in anatomy.children(PartPath("1"))] == ["1.1", "1.2"]
    assert anatomy.root.readings == ()


def test_preamble_and_epilogue_are_parts_where_they_are_not_blank() -> None:
    anatomy = parse(MIXED + b"before\r\n--b\r\n\r\nx\r\n--b--\r\nbehind\r\n")
    assert content(anatomy, "1/preamble") == b"before"
    assert content(anatomy, "1/epilogue") == b"behind\r\n"
    assert part(anatomy, "1/epilogue").provenance is Provenance.EPILOGUE


def test_a_message_within_is_read_in_place() -> None:
    anatomy = parse(MIXED + b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nhello\r\n--b--\r\n")
    inner = part(anatomy, "1.1/rfc822:1")
    assert (inner.space, inner.provenance) == (0, Provenance.RFC822)
    assert anatomy.raw_header(inner) == b"Subject: x\r\n"
    assert content(anatomy, "1.1/rfc822:1") == b"hello"


def test_a_message_in_base64_has_a_space_of_its_own() -> None:
    inner = base64.b64encode(b"Subject: x\r\n\r\nhello")
    anatomy = parse(b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + inner)
    assert part(anatomy, "1/rfc822:1").space == 1
    assert anatomy.spaces[1] == b"Subject: x\r\n\r\nhello"
    assert Defect.ENCODED_MULTIPART in anatomy.defects


def test_a_part_of_a_digest_is_a_message_by_default() -> None:
    anatomy = parse(b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\nhello\n--b--\n")
    assert part(anatomy, "1.1").types == ("message/rfc822",)
    assert content(anatomy, "1.1/rfc822:1") == b"hello"


def test_a_file_named_as_a_message_is_both() -> None:
    anatomy = parse(b"Content-Type: text/plain; name=a.EML\n\nSubject: x\n\nhello")
    assert content(anatomy, "1") == b"Subject: x\n\nhello"
    assert content(anatomy, "1/rfc822:1") == b"hello"


def test_two_types_are_both_followed() -> None:
    anatomy = parse(b"Content-Type: text/plain\n" + MIXED + b"--b\n\nx\n--b--\n")
    assert anatomy.root.types == ("text/plain", "multipart/mixed")
    assert content(anatomy, "1").startswith(b"--b")
    assert content(anatomy, "1.1") == b"x"
    assert Defect.DUPLICATE_CONTENT_TYPE in anatomy.root.defects


def test_two_boundaries_split_in_two_ways_and_the_second_comes_last() -> None:
    message = b"Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--a\n\nx\n--b\n\ny\n--a--\n--b--\n"
    anatomy = parse(message)
    assert content(anatomy, "1.1") == b"x\n--b\n\ny"
    other = part(anatomy, "1/split2:1")
    assert other.alternate and decoded(other)[0].content == b"y\n--a--"
    assert Defect.DUPLICATE_BOUNDARY in anatomy.root.defects
    assert [each.alternate for each in anatomy.parts] == sorted(each.alternate for each in anatomy.parts)


def test_two_encodings_are_both_read() -> None:
    anatomy = parse(b"Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\nSGVsbG8=")
    assert [(each.how, each.content) for each in anatomy.root.readings] == [
        (How.BASE64, b"Hello"),
        (How.IDENTITY, b"SGVsbG8="),
    ]
    assert Defect.DUPLICATE_ENCODING in anatomy.root.defects


def test_fields_in_a_body_are_a_stray_part() -> None:
    anatomy = parse(b"\nhello\n--x\nContent-Type: text/html; name=a\n\nthere\n--x--\n")
    stray = part(anatomy, "1/stray:1")
    assert (names(stray), decoded(stray)[0].content, stray.alternate) == (("a",), b"there", True)
    assert Defect.STRAY_PART in anatomy.root.defects


@pytest.mark.parametrize(
    ("octets", "defect"),
    [
        (b"Content-Type: multipart/mixed\n\nx", Defect.NO_BOUNDARY),
        (b"Content-Type: multipart/mixed; boundary=q\n\nx", Defect.BOUNDARY_NOT_FOUND),
        (MIXED + b"--b\n\nx", Defect.NOT_CLOSED),
        (MIXED + b"--b\n\nx\n--b--\n--b\n\ny\n--b--\n", Defect.PARTS_AFTER_CLOSE),
        (MIXED + b"--b \n\nx\n--b--\n", Defect.ODD_DELIMITER),
        (b"Content-Type: text/plain; boundary=b\n\n--b\n\nx\n--b--\n", Defect.MULTIPART_BY_BOUNDARY),
        (b"Content-Type: garbage\n\nx", Defect.BROKEN_CONTENT_TYPE),
        (b"Content-Type: a/b; name=x y\n\nx", Defect.BROKEN_PARAMETERS),
        (b'Content-Type: a/b; name="=?utf-8?q?x?="\n\nx', Defect.ENCODED_PARAMETERS),
        (b"Content-Type: a/b; name=x\nContent-Disposition: a; filename=y\n\nx", Defect.CONTRADICTING_NAMES),
        (b"Content-Disposition: a\nContent-Disposition: b\n\nx", Defect.DUPLICATE_DISPOSITION),
        (b"Content-Transfer-Encoding: whatever\n\nx", Defect.UNKNOWN_ENCODING),
        (b"Content-Transfer-Encoding: base64\n\nS!V#", Defect.BROKEN_BASE64),
        (b"Content-Transfer-Encoding: base64\n\nAAAA\nAAA\nAAAA\nAA", Defect.BROKEN_BASE64),
        (b"Content-Transfer-Encoding: quoted-printable\n\n=ZZ", Defect.BROKEN_QUOTED_PRINTABLE),
        (b"Content-Transfer-Encoding: base64\n\nQUJD\nQUI\nQUJD\nQUJD\nQ==", Defect.CONTRADICTING_READINGS),
        (b"Content-Type: text/plain; charset=nonsense\n\nx", Defect.UNKNOWN_CHARSET),
        (b"Content-Type: message/partial; number=1\n\nx", Defect.PARTIAL),
        (b"Content-Type: message/external-body\n\nx", Defect.EXTERNAL_BODY),
        (b"A: b\r\nC: d\n\nx", Defect.MIXED_LINE_ENDS),
        (b"A: b\rC: d\n\nx", Defect.BARE_CR),
        (b"A: b\0\n\nx", Defect.NUL_IN_HEADER),
        (b"A: b\n \nC: d\n\nx", Defect.BLANK_LOOKING_LINE),
        (b"A: b\nc\n\nx", Defect.BROKEN_HEADER_LINE),
        (b" A: b\n\nx", Defect.STRAY_CONTINUATION),
        (b"Content-Type\xa0: a/b\n\nx", Defect.ODD_FIELD_NAME),
        (b"A: b", Defect.NO_BLANK_LINE),
        (b"\nbegin 644 a\n#86)C\n", Defect.BROKEN_UUENCODE),
        (b"\n=ybegin size=9 name=a\nabc\n=yend\n", Defect.BROKEN_YENC),
        (b"Content-Type: application/ms-tnef\n\n\x78\x9f\x3e\x22\1\0\2", Defect.BROKEN_TNEF),
    ],
)
def test_defects_are_named(octets: bytes, defect: Defect) -> None:
    assert defect in parse(octets).defects


def _budget(**limits: int) -> Budget:
    from dataclasses import replace

    return replace(USUAL, **limits)


@pytest.mark.parametrize(
    ("limits", "octets", "defect"),
    [
        ({"depth": 1}, MIXED + b"--b\n\nx\n--b--\n", Defect.TOO_DEEP),
        ({"parts": 2}, MIXED + b"--b\n\nx\n" * 9, Defect.TOO_MANY_PARTS),
        ({"octets": 3}, b"\nhello", Defect.TOO_LARGE),
        ({"header": 10}, b"A: bcdefghijk\n\nx", Defect.HEADER_TOO_LONG),
        (
            {"readings": 1},
            b"Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\nQQ==",
            Defect.AMBIGUOUS,
        ),
        ({"names": 1}, b"Content-Type: a/b; name=x; name=y\n\nx", Defect.AMBIGUOUS),
        ({"alternatives": 1}, b"\n" + b"Content-Type: a/b\n\nx\n" * 5, Defect.AMBIGUOUS),
    ],
)
def test_each_limit_ends_in_its_defect(limits: dict[str, int], octets: bytes, defect: Defect) -> None:
    assert parse(octets).complete
    anatomy = parse(octets, _budget(**limits))
    assert defect in anatomy.defects
    assert not anatomy.complete


MIXED_PART = MIXED + b"--b\r\nContent-Type: application/octet-stream\r\n"


@pytest.mark.parametrize(
    "line",
    [
        b"X-Odd: y\r\n Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding base64",
        b"Content-Transfer-Encoding\r\n :base64",
        b"Content-(Transfer)-Encoding: base64",
        b"X-Odd: y\r)Content-Transfer-Encoding: base64",
    ],
)
def test_a_field_is_one_however_it_is_hidden(line: bytes) -> None:
    anatomy = parse(MIXED_PART + line + b"\r\n\r\nYWJj\r\n--b--\r\n")
    assert b"abc" in {reading.content for reading in part(anatomy, "1.1").readings}


def test_a_list_of_fields_names_in_a_signature_is_no_field() -> None:
    header = b"DKIM-Signature: v=1; h=From:To:\r\n Content-Type:Content-Transfer-Encoding:Date; bh=a/b=;\r\n"
    anatomy = parse(header + b"Content-Type: text/plain\r\n\r\nx")
    assert anatomy.root.types == ("text/plain",)
    assert not anatomy.defects


def test_what_goes_on_behind_the_header_keeps_its_name() -> None:
    header = b"Content-Disposition: attachment; filename=a.exe\r\n\r\n"
    anatomy = parse(MIXED_PART + header + b"Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\n--b--\r\n")
    stray = part(anatomy, "1.1/stray:1")
    assert stray.untrusted_names == ("a.exe",)
    assert stray.readings[0].content == b"abc"


def test_the_body_may_start_at_the_last_line_that_is_no_field() -> None:
    anatomy = parse(MIXED_PART + b"nonsense\r\nContent-Transfer-Encoding: base64\r\nYWJj\r\n--b--\r\n")
    assert b"abc" in {reading.content for reading in part(anatomy, "1.1").readings}


def test_pieces_of_a_name_are_joined_over_fields() -> None:
    anatomy = parse(
        b"Content-Disposition: attachment; filename*0=a\r\nContent-Type: a/b; filename*1=.exe; boundary*0=b\r\n"
        b"Content-Type: multipart/mixed; boundary*1=c\r\n\r\n--bc\r\n\r\nx\r\n--bc--\r\n"
    )
    assert "a.exe" in anatomy.root.untrusted_names
    assert b"bc" in anatomy.root.boundaries


CALENDAR = (
    b'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTACH;FMTTYPE=a/b;ENCODING=BASE64;X-FILENAME="a.exe":YW\r\n Jj\r\n'
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.mark.parametrize(
    ("packed", "provenance"),
    [
        (b"begin 644 a.exe\n#86)C\n`\nend\n", Provenance.UUENCODE),
        (b"begin-base64 644 a.exe\nYWJj\n====\n", Provenance.UUENCODE),
        (CALENDAR, Provenance.PROPERTY),
        (b"BEGIN:VCARD\nPHOTO;ENCODING=b;FILENAME=a.exe:YWJj\nEND:VCARD\n", Provenance.PROPERTY),
    ],
)
def test_files_are_found_within_files_of_any_type(packed: bytes, provenance: Provenance) -> None:
    header = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    found = part(parse(header + base64.b64encode(packed)), f"1/{provenance}:1")
    assert (found.untrusted_names, found.readings[0].content) == (("a.exe",), b"abc")


def test_a_mailbox_is_read_as_messages() -> None:
    box = b"From a@b\n\nhello\n\nFrom a@b\nContent-Type: a/b; name=a.exe\nContent-Transfer-Encoding: base64\n\nYWJj\n"
    header = b"Content-Type: application/mbox; name=a.mbox\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    anatomy = parse(header + base64.b64encode(box))
    assert any(p.untrusted_names == ("a.exe",) and p.readings[0].content == b"abc" for p in anatomy.parts)
