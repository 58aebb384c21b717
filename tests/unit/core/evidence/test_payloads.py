"""Files that stand in text as text."""

import base64
import time

import pytest

from mailock.core.evidence.payloads import data_uri, kind, payloads, unbase64

ZIP = b"PK\x03\x04" + bytes(range(200))


@pytest.mark.parametrize(
    "text",
    [
        f'var a = "{base64.b64encode(ZIP).decode()}";',
        f'var a = "{base64.b64encode(ZIP).decode()[::-1]}";',
        f'a = "{base64.b64encode(ZIP).decode()[:80]}" +\n  "{base64.b64encode(ZIP).decode()[80:]}"',
        f'a = "{ZIP.hex()}"',
        "a = '" + "".join(f"\\x{octet:02x}" for octet in ZIP) + "'",
        "unescape('" + "".join(f"%{octet:02X}" for octet in ZIP) + "')",
        "new Uint8Array([" + ",".join(map(str, ZIP)) + "])",
        "[" + ", ".join(map(hex, ZIP)) + "]",
    ],
)
def test_a_file_is_found_however_it_is_written(text: str) -> None:
    assert ("a zip archive", ZIP) in [(found.what, found.content) for found in payloads(text, 1 << 20)]


def test_prose_and_code_hold_no_file() -> None:
    assert not list(payloads("function a(b) { return b.c(12, 34, 56) + 'Content-Type: text/plain'; }" * 50, 1 << 20))


def test_no_more_is_unpacked_than_allowed() -> None:
    text = "\n".join(f'"{base64.b64encode(bytes([number]) * 5000).decode()}"' for number in range(100))
    assert sum(len(found.content) for found in payloads(text, 20_000)) <= 20_000


@pytest.mark.parametrize("piece", ["A", "QUJD", "0,", "0x1,", "%41", "\\x41", '"A"+', "ab", "1 , "])
def test_time_is_linear_whatever_is_repeated(piece: str) -> None:
    began = time.process_time()
    list(payloads(piece * (2_000_000 // len(piece)), 1 << 24))
    assert time.process_time() - began < 8


def test_data_uris() -> None:
    packed = base64.b64encode(ZIP).decode()
    found = data_uri(f"data:application/zip;base64,{packed}", 1 << 20)
    assert found is not None
    assert (found.content, found.what) == (ZIP, "a zip archive")
    loose = data_uri(f"DATA:;Base64,{packed[:60]}%0A {packed[60:].rstrip('=')}", 1 << 20)
    assert loose is not None
    assert loose.content == ZIP
    text = data_uri("data:,a%20b", 100)
    assert text is not None
    assert text.content == b"a b"
    assert data_uri(f"data:;base64,{packed}", 10) is None
    assert data_uri("http://a.example/,", 10) is None


def test_what_is_no_base64_is_empty() -> None:
    assert unbase64(b"\xff\xfe") == b""
    assert unbase64(b"QQ") == b"A"


def test_kinds_are_told_by_their_beginning() -> None:
    assert kind(bytes(0x8001) + b"CD001") == "a disk image"
    assert kind(b"MZ" + bytes(60) + b"PE\0\0") == "a Windows program"
    assert kind(b"MZ is how some prose begins") == ""
