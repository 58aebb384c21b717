"""Transfer encodings and containers, well-formed and not: what decoders make of them."""

import base64
import binascii

import pytest

from mailock.core.mime import base64text, binhex, quotedprintable, tnef, uuencode, yenc
from mailock.core.mime.part import How
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
    assert _contents(b"QUI\nQUI\nQUJD")[How.BASE64_BY_LINE] == b"ABABABC"
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
