"""Transfer encodings and containers, well-formed and not: what decoders make of them."""

import base64
import binascii

import pytest

from mailock.core.mime import base64text, binhex, quotedprintable, tnef, uuencode, yenc
from mailock.core.mime.part import How, Reading
from tests.parts.hiding import encodings

TEXT = b"Hello, world. " * 20


def _contents(raw: bytes) -> dict[How, bytes]:
    return {reading.how: reading.content for reading in base64text.readings(raw)[0]}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_clean_base64_has_one_reading(end: bytes) -> None:
    raw = base64.encodebytes(TEXT).replace(b"\n", end)
    assert base64text.readings(raw) == ([base64text.readings(raw)[0][0]], True)
    assert _contents(raw) == {How.BASE64: TEXT}


def test_base64_with_padding_inside_is_read_in_every_way() -> None:
    found = _contents(b"QUI=Q0Q=")
    assert found[How.BASE64_SECTIONS] == b"ABCD"
    assert found[How.BASE64_FIRST] == b"AB"
    assert set(found) >= {How.BASE64_SECTIONS, How.BASE64_FIRST, How.BASE64_MERGED, How.BASE64_ZEROS}


def test_base64_with_foreign_letters_is_read_in_every_way() -> None:
    found = _contents(b"QUJD\n!QUJD\nQUJD")
    assert found[How.BASE64_SECTIONS] == b"ABCABCABC"
    assert found[How.BASE64_UNTIL_JUNK] == b"ABC"
    assert found[How.BASE64_LINES] == b"ABCABC"


def test_base64_of_the_other_alphabet_is_read() -> None:
    assert _contents(base64.urlsafe_b64encode(b"\xff\xfe\xfd"))[How.BASE64_URLSAFE] == b"\xff\xfe\xfd"


def test_base64_lines_may_be_read_one_by_one() -> None:
    assert {b"ABABABC", b"ABC"} <= {reading.content for reading in base64text.readings(b"QUI\nQUI\nQUJD")[0]}
    assert How.BASE64_BY_LINE not in _contents(b"QUJD\r\nQUJD\r\nQQ==\r\n")


def test_a_group_that_is_not_whole_is_kept_and_dropped() -> None:
    found = _contents(b"QUJDQUI")
    assert b"ABCAB" in found.values() and b"ABC" in found.values()


@pytest.mark.parametrize(
    ("raw", "content", "fine"),
    [
        (b"a=3Db", b"a=b", True),
        (b"a=3db", b"a=b", True),
        (b"a=\r\nb", b"ab", True),
        (b"plain", b"plain", True),
        (b"a= \t\r\nb", b"ab", False),
        (b"a=\rb\nc", b"ab\nc", False),
        (b"a=ZZ", b"a=ZZ", False),
        (b"a==3D", b"a==", False),
        (b"a=4", b"a=4", False),
    ],
)
def test_quoted_printable(raw: bytes, content: bytes, fine: bool) -> None:
    readings, well_formed = quotedprintable.readings(raw)
    assert (readings[0].content, well_formed) == (content, fine)


def test_equals_signs_that_escape_nothing_may_be_dropped() -> None:
    assert b"aZZ" in [reading.content for reading in quotedprintable.readings(b"a=ZZ")[0]]


def _uu(content: bytes) -> bytes:
    lines = [binascii.b2a_uu(content[at : at + 45]) for at in range(0, len(content), 45)]
    return b"begin 644 a.txt\n" + b"".join(lines) + b"`\nend\n"


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("size", [0, 1, 44, 45, 46, 90, 1000])
def test_uuencode_is_read_at_every_length(end: bytes, size: int) -> None:
    content = bytes(octet % 256 for octet in range(size))
    files = uuencode.files(b"text" + end + _uu(content).replace(b"\n", end))
    assert [file.content for file in files] == ([content] if size else [])
    if files:
        assert (files[0].untrusted_name, files[0].whole) == (b"a.txt", True)


def test_prose_that_begins_is_no_file() -> None:
    assert uuencode.files(b"begin with this:\nand then go on.\nend\n") == []


def test_yenc_is_read_with_its_escapes() -> None:
    content = bytes(range(256))
    body = b"=ybegin line=128 size=256 name=a b.bin\r\n" + encodings.yenc(content) + b"\r\n=yend size=256\r\n"
    (file,) = yenc.files(body)
    assert (file.content, file.untrusted_name, file.whole) == (content, b"a b.bin", True)


def _binhexed(name: bytes, data: bytes) -> bytes:
    flat = bytes((len(name),)) + name + b"\0" + b"TEXT" + b"????" + b"\0\0"
    flat += len(data).to_bytes(4, "big") + b"\0\0\0\0" + b"\0\0" + data + b"\0\0"
    packed = base64.b64encode(flat.replace(b"\x90", b"\x90\0"))
    letters = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    text = packed.rstrip(b"=").translate(bytes.maketrans(alphabet, letters))
    return b"(This file must be converted with BinHex 4.0)\r\n:" + text + b":\r\n"


def test_binhex_is_read() -> None:
    (file,) = binhex.files(b"hello\r\n" + _binhexed(b"a.exe", b"MZ\x90data"))
    assert (file.untrusted_name, file.content, file.whole) == (b"a.exe", b"MZ\x90data", True)


def test_a_tnef_stream_is_listed() -> None:
    container = tnef.unpack(encodings.tnef(b"content", b"a.exe"))
    (enclosed,) = container.enclosed
    assert (enclosed.names, enclosed.contents, container.whole) == (["a.exe"], [b"content"], True)


def test_a_tnef_stream_that_lies_is_listed_as_far_as_it_goes() -> None:
    stream = encodings.tnef(b"content", b"a.exe")
    for size in range(len(stream)):
        container = tnef.unpack(stream[:size])
        assert all(len(content) <= size for enclosed in container.enclosed for content in enclosed.contents)


def _all(readings: list[Reading]) -> set[bytes]:
    return {reading.content for reading in readings}


def test_base64_is_read_up_to_what_is_foreign_in_each_line() -> None:
    assert b"ABCABC" in _all(base64text.readings(b"QUJD#x0123\nQUJD#\n")[0])


def test_padding_within_a_group_shortens_it_or_counts_as_zero_bits() -> None:
    assert b"ABAB" in _all(base64text.readings(b"Q=UIQU=I")[0])
    # U+0041's two lowest bits are one and zero; those of D are zero, so one letter and a half say it.
    assert b"DD" in _all(base64text.readings(b"R=A=RA==")[0])
    assert b"D\x10" in _all(base64text.readings(b"RB=CR===")[0])


def test_an_equals_sign_that_escapes_nothing_is_dropped_with_what_stands_behind_it() -> None:
    found = _all(quotedprintable.readings(b"a=Zb=QQc=")[0])
    assert {b"aZbQQc", b"abQc", b"ac"} <= found


def test_small_and_capital_escapes_beside_each_other_are_read_in_every_way() -> None:
    assert {b"a\nbJ", b"a=0abJ", b"a0abJ", b"abJ"} <= _all(quotedprintable.readings(b"a=0ab=4A")[0])
    assert len(quotedprintable.readings(b"=c3=a9 =c3=bc")[0]) == 1
    assert len(quotedprintable.readings(b"=C3=A9 =C3=BC")[0]) == 1


def test_lines_may_be_joined_before_escapes_are_looked_for() -> None:
    assert b"AB" in _all(quotedprintable.readings(b"=4=\r\n1=42")[0])


def test_what_may_not_stand_in_quoted_printable_may_be_left_out() -> None:
    assert b"ab=" in _all(quotedprintable.readings(b"a\x05b=3D")[0])
    assert b"AB" in _all(quotedprintable.readings(b"=41\t\xe4=42")[0])


@pytest.mark.parametrize("text", ["Привет мир\r\n", "é\r\n", "=\r\n", "日本 語\r\n"])
def test_an_honest_text_has_one_reading(text: str) -> None:
    assert len(quotedprintable.readings(binascii.b2a_qp(text.encode()))[0]) == 1


def test_binhex_may_lack_its_sentence_where_it_is_declared() -> None:
    packed = b"\1x\0" + b"?" * 8 + b"\0\0" + b"\0\0\0\3" + b"\0" * 4 + b"\0\0" + b"abc" + b"\0" * 4
    letters = base64.b64encode(packed).rstrip(b"=").translate(bytes.maketrans(_STANDARD, _HQX))
    assert [file.content for file in binhex.bare(b":" + letters + b":")] == [b"abc"]
    assert binhex.bare(b"no such thing") == []


_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_HQX = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
