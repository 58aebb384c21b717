"""Wrappers undone: where a link of a link protection, a search engine or an open redirect leads in the end.

What a wrapper carries openly is read; nothing is asked. Sources: Microsoft Safe Links and Barracuda (a query field),
Proofpoint URL Defense versions 1 to 3 (as Proofpoint's published decoder reads them), Cisco, Sophos, Trend Micro,
FireEye, Avanan, Google, Bing, Yahoo, Facebook and others by their visible form.
"""

import base64
import binascii
import re
import string
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from mailock.core.evidence.links.target import WEB, Target, target

DEEPEST: Final = 8
"""Wrappers within wrappers that are undone."""
_MOST_FIELDS: Final = 64
_SHORTEST: Final = len("/http://a")
_LONGEST: Final = 16_384
_SIGN: Final = re.compile(r"http|ahr0|/amp/|\*\*|__", re.IGNORECASE)
"""What a URL that carries another has in it, where it has no percent signs."""
_BY_FIELD: Final = (
    ("safelinks.protection.outlook.com", ("url",)),
    ("safelinks.protection.office365.us", ("url",)),
    ("safelinks.o365filtering.com", ("url",)),
    ("linkprotect.cudasvc.com", ("a",)),
    ("clicktime.symantec.com", ("u",)),
    ("clicktime.cloud.postoffice.net", ("u",)),
    ("fireeye.com", ("u",)),
    ("trendmicro.com", ("url",)),
    ("facebook.com", ("u",)),
    ("instagram.com", ("u",)),
    ("youtube.com", ("q",)),
    ("linkedin.com", ("url",)),
    ("slack-redir.net", ("url",)),
    ("steamcommunity.com", ("url", "u")),
    ("vk.com", ("to",)),
    ("umblr.com", ("z",)),
    ("googleadservices.com", ("adurl",)),
    ("doubleclick.net", ("adurl",)),
)
"""The end of a host, and the fields that hold the target."""
_GOOGLE: Final = re.compile(r"(?:^|\.)google\.[a-z]{2,3}(?:\.[a-z]{2})?$")
_V3: Final = re.compile(r"/v3/__(?P<url>.+?)__;(?P<letters>[^!]*)!", re.DOTALL)
_RUN: Final = re.compile(r"\*(?:\*(.))?", re.DOTALL)
_RUNS: Final = {
    letter: length
    for length, letter in enumerate(string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_", start=2)
}
_ONE_SLASH: Final = re.compile(r"^([a-z0-9+.-]+:/)([^/])", re.IGNORECASE)
_WEB_URL: Final = re.compile(r"https?:[/\\]{1,3}[^\s]", re.IGNORECASE)
_BASE64: Final = re.compile(r"(?:a1)?(aHR0c[A-Za-z0-9+/_-]{6,}={0,2})$")


def unwrapped(outer: Target) -> tuple[Target, bool] | None:
    """What a target carries within it, and whether its host is a known wrapper; None where it carries nothing."""
    tail = outer.untrusted_tail
    if len(tail) < _SHORTEST or outer.scheme not in WEB or len(tail) > _LONGEST:
        return None
    if "%" not in tail and not _SIGN.search(tail):
        return None
    for reader in _KNOWN:
        if (found := reader(outer)) and (inner := _web(found)):
            return inner, True
    for value in fields(outer.query).values():
        if inner := _carried(value):
            return inner, False
    return _in_path(outer)


def chain(outer: Target) -> tuple[list[Target], bool]:
    """A target and all that is wrapped in it, the innermost last; and whether only known wrappers lie around it."""
    found, known = [outer], True
    while len(found) < DEEPEST and (step := unwrapped(found[-1])):
        found.append(step[0])
        known = known and step[1]
    return found, known


def fields(query: str) -> dict[str, str]:
    """The fields of a query, decoded; of two of one name the first."""
    found: dict[str, str] = {}
    for piece in query.replace("&amp;", "&").split("&", _MOST_FIELDS)[:_MOST_FIELDS]:
        name, _, value = piece.partition("=")
        found.setdefault(unquote(name).lower(), unquote(value))
    return found


def _web(untrusted: str) -> Target | None:
    found = target(untrusted)
    return found if found is not None and found.scheme in WEB | {"ftp"} else None


def _carried(value: str) -> Target | None:
    """The target that a field's value is, in plain, percent signs once more, or base64."""
    if "%3a" in value[:20].lower():
        value = unquote(value)
    if _WEB_URL.match(value):
        return _web(value)
    if match := _BASE64.match(value):
        return _web(_from_base64(match[1]))
    return None


def _in_path(outer: Target) -> tuple[Target, bool] | None:
    """A target that stands in the path: `/https://…`, percent signs, or behind a secret (Cisco, Amazon)."""
    path = outer.path
    for piece in path.split("/")[1:20]:
        if piece[:12].lower().startswith(("http%3a", "https%3a")) and (inner := _carried(piece)):
            return inner, outer.host.endswith((".cisco.com", ".awstrack.me"))
    at = path.find("/http", 1) if not path.startswith("/http") else 0
    if at >= 0 and _WEB_URL.match(path[at + 1 :]):
        query = outer.untrusted_tail[len(path) :]
        if inner := _web(_ONE_SLASH.sub(r"\1/\2", path[at + 1 :]) + query):
            # Archives show another page, they do not send there; it is read as a redirect all the same.
            return inner, False
    return None


def _by_field(outer: Target) -> str:
    for end, names in _BY_FIELD:
        if outer.host == end or outer.host.endswith("." + end):
            held = fields(outer.query)
            return next((held[name] for name in names if name in held), "")
    return ""


def _proofpoint(outer: Target) -> str:
    if not outer.host.startswith("urldefense."):
        return ""
    if outer.path.startswith("/v1/"):
        return fields(outer.query).get("u", "")
    if outer.path.startswith("/v2/"):
        raw = next((piece[2:] for piece in outer.query.split("&") if piece.startswith("u=")), "")
        return unquote(raw.replace("-", "%").replace("_", "/"))
    return _proofpoint_3(outer.untrusted_tail)


def _proofpoint_3(tail: str) -> str:
    """Letters that the wrapper does not carry as they are stand as asterisks, and in base64 behind the URL."""
    match = _V3.search(tail)
    if match is None:
        return ""
    letters = iter(_from_base64(match["letters"]))

    def put_back(mark: re.Match[str]) -> str:
        count = _RUNS.get(mark[1], 0) if mark[1] else 1
        return "".join(letter for _, letter in zip(range(count), letters, strict=False)) or mark[0]

    return _ONE_SLASH.sub(r"\1/\2", _RUN.sub(put_back, match["url"]))


def _google(outer: Target) -> str:
    if not _GOOGLE.search(outer.host):
        return ""
    if outer.path == "/url":
        held = fields(outer.query)
        return next((held[name] for name in ("q", "url", "adurl") if _WEB_URL.match(held.get(name, ""))), "")
    for start, scheme in (("/amp/s/", "https://"), ("/amp/", "http://")):
        if outer.path.startswith(start):
            return scheme + outer.untrusted_tail[len(start) :]
    return ""


def _encoded(outer: Target) -> str:
    """Wrappers with a form of their own."""
    if outer.host.endswith(("bing.com", "sophos.com", "hornetsecurity.com")):
        held = fields(outer.query)
        value = held.get("u", "") or held.get("url", "")
        return _from_base64(value.removeprefix("a1"))
    if outer.host.endswith("search.yahoo.com"):
        return unquote(outer.untrusted_tail.partition("/RU=")[2].partition("/RK=")[0])
    if outer.host.endswith("avanan.click"):
        return outer.untrusted_tail.partition("___")[2].partition("___")[0]
    return ""


_KNOWN: Final[tuple[Callable[[Target], str], ...]] = (_by_field, _proofpoint, _google, _encoded)


def _from_base64(text: str) -> str:
    plain = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
