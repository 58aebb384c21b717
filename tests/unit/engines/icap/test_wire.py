"""ICAP as octets: requests keep to RFC 3507, whatever a mail calls its parts; nonsense is named as such."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailock.config.antivirus import IcapUrl
from mailock.core.evidence.report import Unfinished, Why
from mailock.engines.icap.wire import (
    Encapsulated,
    Method,
    chunk,
    options_request,
    read_chunk_size,
    read_encapsulated,
    read_head,
    showing_request,
)
from tests.parts.exhibits import exhibit

URL = IcapUrl("2001:db8::7", 1344, "/avscan?mode=simple")


def test_a_content_is_shown_as_what_a_server_answered() -> None:
    request = showing_request(URL, Method.RESPMOD, exhibit(b"hay", name="a b.exe"), preview=1024, may_204=True)
    head, asked, shown, _ = request.split(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"RESPMOD icap://[2001:db8::7]:1344/avscan?mode=simple ICAP/1.0",
        b"Host: [2001:db8::7]:1344",
        b"User-Agent: Mailock",
        b"Encapsulated: req-hdr=0, res-hdr=%d, res-body=%d" % (len(asked) + 4, len(asked) + len(shown) + 8),
        b"Allow: 204",
        b"Preview: 1024",
    ]
    assert asked.startswith(b"GET /1.2?name=a%20b.exe HTTP/1.1\r\nHost: mail.invalid\r\n")
    assert shown == b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 3"


def test_where_a_service_knows_only_requests_it_is_shown_as_an_upload() -> None:
    request = showing_request(URL, Method.REQMOD, exhibit(b"hay"), preview=None, may_204=False)
    head, asked, rest = request.split(b"\r\n\r\n")
    assert head.endswith(b"Encapsulated: req-hdr=0, req-body=%d" % (len(asked) + 4))
    assert asked.startswith(b"POST /1.2 HTTP/1.1\r\n")
    assert rest == b""


@given(st.text())
def test_no_name_of_a_part_changes_the_shape_of_a_request(name: str) -> None:
    plain = showing_request(URL, Method.RESPMOD, exhibit(b"", name="x"), preview=0, may_204=True)
    request = showing_request(URL, Method.RESPMOD, exhibit(b"", name=name), preview=0, may_204=True)
    assert request.count(b"\r\n") == plain.count(b"\r\n")
    assert request.count(b" ") == plain.count(b" ")
    assert len(request) < len(plain) + 400


def test_options_are_asked_without_a_body() -> None:
    assert options_request(URL).endswith(b"Encapsulated: null-body=0\r\n\r\n")


def test_a_head_is_read_with_its_fields_folded_and_joined() -> None:
    head = read_head(
        b'ICAP/1.0 200 OK then\r\nISTag: "a"\r\nX-Violations-Found: 1\r\n\tname\r\nAllow: 204\r\nallow: 206'
    )
    assert (head.status, head.reason, head.field("istag")) == (200, "OK then", '"a"')
    assert head.field("x-violations-found") == "1 name"
    assert head.tokens("Allow".lower()) == {"204", "206"}
    assert read_head(b"ICAP/1.0 204").status == 204


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"HTTP/1.1 200 OK",
        b"ICAP/1.0 20 OK",
        b"ICAP/1.0 +20 OK",
        "ICAP/1.0 ٢٠٠ OK".encode(),
        b"ICAP/1.0 200 OK\r\nno colon",
        b"ICAP/1.0 200 OK\r\n: nothing",
        b"ICAP/1.0 200 OK\r\n" + b"a: b\r\n" * 500,
    ],
)
def test_what_is_no_head_is_nonsense(octets: bytes) -> None:
    with pytest.raises(Unfinished) as raised:
        read_head(octets)
    assert raised.value.why is Why.NONSENSE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("res-hdr=0, res-body=137", Encapsulated(137, 0, has_body=True)),
        ("req-hdr=0, res-hdr=45, res-body=100", Encapsulated(100, 45, has_body=True)),
        ("req-hdr=0, req-body=12", Encapsulated(12, None, has_body=True)),
        ("null-body=0", Encapsulated(0, None, has_body=False)),
        ("", Encapsulated(0, None, has_body=False)),
    ],
)
def test_what_a_response_holds_is_read(text: str, expected: Encapsulated) -> None:
    assert read_encapsulated(read_head(b"ICAP/1.0 200 OK\r\nEncapsulated: " + text.encode())) == expected


@pytest.mark.parametrize(
    "text", ["res-body", "res-hdr=0", "res-hdr=10, res-body=20", "res-hdr=0, res-body=-1", "res-hdr=0, res-body=99999"]
)
def test_what_cannot_be_held_is_nonsense(text: str) -> None:
    with pytest.raises(Unfinished):
        read_encapsulated(read_head(b"ICAP/1.0 200 OK\r\nEncapsulated: " + text.encode()))


def test_chunks() -> None:
    assert chunk(b"x" * 26) == b"1a\r\n" + b"x" * 26 + b"\r\n"
    assert [read_chunk_size(line) for line in (b"1A\r\n", b"0; ieof\r\n", b"5 ;a=b\r\n")] == [26, 0, 5]
    for line in (b"\r\n", b"-1\r\n", b"0x5\r\n", b"1 2\r\n", b"fffffffff\r\n"):
        with pytest.raises(Unfinished):
            read_chunk_size(line)
