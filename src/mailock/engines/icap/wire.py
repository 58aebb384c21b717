"""ICAP as octets (RFC 3507): requests written, heads of responses read. Pure; `exchange` sends and receives them.

A content is shown as what a web server answered (RESPMOD) or, where a service knows nothing else, as what a client
uploads (REQMOD). What the mail says of itself goes no further than a name that cannot be anything but a name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import quote

from mailock.config.antivirus import IcapUrl
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mail.shown import cleaned
from mailock.ports.engine import Exhibit

HEAD: Final = 64 << 10
"""Octets of one head."""
FIELDS: Final = 200
CLIENT: Final = "Mailock"
_HOST: Final = "mail.invalid"
"""A name that the RFCs keep for what does not exist (RFC 6761)."""
_NAME: Final = 120


class Method(Enum):
    """How a content is shown."""

    RESPMOD = "RESPMOD"
    REQMOD = "REQMOD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a response. Names of fields are in lower case; one that comes several times is joined by commas."""

    status: int
    reason: str
    fields: Mapping[str, str]

    def field(self, name: str) -> str:
        """A field, or nothing."""
        return self.fields.get(name, "")

    def tokens(self, name: str) -> frozenset[str]:
        """A field that is a list of words, in lower case."""
        return frozenset(token.strip().lower() for token in self.field(name).split(",") if token.strip())


@dataclass(frozen=True, slots=True)
class Encapsulated:
    """What a response holds besides its head (section 4.4.1)."""

    heads: int
    """Octets of the HTTP heads in it."""
    answer_at: int | None
    """Where among them a response begins; None where there is none."""
    has_body: bool


def options_request(url: IcapUrl) -> bytes:
    """Asks what a service can do (section 4.10)."""
    return _head(f"OPTIONS {_target(url)} ICAP/1.0", url, {"Encapsulated": "null-body=0"})


def showing_request(url: IcapUrl, method: Method, exhibit: Exhibit, *, preview: int | None, may_204: bool) -> bytes:
    """The head of a request that shows a content, the HTTP heads in it included; its body follows, chunked."""
    path = f"/{quote(exhibit.part, safe='')}"
    if exhibit.untrusted_name:
        path += f"?name={quote(exhibit.untrusted_name.encode('utf-8', 'replace')[:_NAME], safe='')}"
    about = f"Content-Type: application/octet-stream\r\nContent-Length: {exhibit.size}\r\n"
    if method is Method.RESPMOD:
        asked = f"GET {path} HTTP/1.1\r\nHost: {_HOST}\r\nUser-Agent: {CLIENT}\r\n\r\n".encode()
        shown = f"HTTP/1.1 200 OK\r\n{about}\r\n".encode()
        lies = f"req-hdr=0, res-hdr={len(asked)}, res-body={len(asked) + len(shown)}"
    else:
        asked = f"POST {path} HTTP/1.1\r\nHost: {_HOST}\r\nUser-Agent: {CLIENT}\r\n{about}\r\n".encode()
        shown = b""
        lies = f"req-hdr=0, req-body={len(asked)}"
    fields = {"Encapsulated": lies}
    if may_204:
        fields["Allow"] = "204"
    if preview is not None:
        fields["Preview"] = str(preview)
    return _head(f"{method.value} {_target(url)} ICAP/1.0", url, fields) + asked + shown


def chunk(octets: bytes) -> bytes:
    """A chunk (RFC 9112 section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(octets), octets)


def read_head(untrusted_octets: bytes) -> Head:
    """The head of a response, without the empty line. Raises Unfinished for nonsense."""
    lines = untrusted_octets.decode("latin-1").split("\r\n")
    version, _, rest = lines[0].partition(" ")
    code, _, reason = rest.partition(" ")
    if version != "ICAP/1.0" or not (code.isascii() and code.isdigit() and len(code) == 3) or len(lines) > FIELDS:
        raise nonsense(lines[0])
    fields: dict[str, str] = {}
    last = ""
    for line in lines[1:]:
        if line[:1] in (" ", "\t") and last:
            # Some products fold X-Violations-Found, as HTTP once allowed.
            fields[last] += f" {line.strip()}"
            continue
        name, colon, value = line.partition(":")
        last = name.strip().lower()
        if not colon or not last:
            raise nonsense(line)
        fields[last] = f"{fields[last]}, {value.strip()}" if last in fields else value.strip()
    return Head(status=int(code), reason=reason.strip(), fields=fields)


def read_encapsulated(head: Head) -> Encapsulated:
    """What follows the head. Raises Unfinished for nonsense."""
    text = head.field("encapsulated")
    if not text:
        return Encapsulated(0, None, has_body=False)
    offsets: list[tuple[str, int]] = []
    for entry in text.split(","):
        name, _, offset = entry.strip().partition("=")
        if not (offset.isascii() and offset.isdigit() and len(offset) < 7):
            raise nonsense(f"Encapsulated: {text}")
        offsets.append((name.strip().lower(), int(offset)))
    names = [name for name, _ in offsets]
    places = [place for _, place in offsets]
    last = names[-1]
    sound = places == sorted(places) and places[0] == 0 and last in ("req-body", "res-body", "opt-body", "null-body")
    if not sound or places[-1] > HEAD:
        raise nonsense(f"Encapsulated: {text}")
    return Encapsulated(places[-1], dict(offsets).get("res-hdr"), has_body=last != "null-body")


def read_chunk_size(untrusted_line: bytes) -> int:
    """The size that a chunk's first line gives. Raises Unfinished for nonsense."""
    size = untrusted_line.partition(b";")[0].strip()
    if not 0 < len(size) <= 8 or size.strip(b"0123456789abcdefABCDEF"):
        raise nonsense(untrusted_line.decode("latin-1"))
    return int(size, 16)


def nonsense(untrusted_text: str) -> Unfinished:
    """For an answer that no ICAP server gives."""
    return Unfinished(Why.NONSENSE, f'the ICAP server answered "{cleaned(untrusted_text[:80])}"')


def _head(first: str, url: IcapUrl, fields: Mapping[str, str]) -> bytes:
    lines = [first, f"Host: {url.authority}", f"User-Agent: {CLIENT}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _target(url: IcapUrl) -> str:
    return f"icap://{url.authority}{url.service}"
