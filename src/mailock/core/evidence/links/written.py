"""URLs that are written out in running text: whole ones, bare domains, and those made harmless for the eye (hxxp, [.]).

What mail programs turn into links by themselves is found, in every extent that they disagree about; so is what a
reader is told to mend by hand. Regular expressions see single words only, and each of them is linear in its length.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

Site = Callable[[str], str | None]
"""The registrable domain of a host (`example.co.uk`); None where it ends in no known suffix, or is one."""

LONGEST: Final = 8192
"""Characters of a URL; what follows is cut off."""
_WORD: Final = r"[^\s<>\"`\u3000-\u303f\uff08\uff09\uff0c\uff1a\uff1b\u201c\u201d\u00ab\u00bb]"
_WITH_SCHEME: Final = re.compile(
    r"(?P<scheme>https?|ftps?|wss?|smb|file|javascript|vbscript|data|search-ms|search|ms-[a-z-]{2,30}|tg|intent):"
    rf"(?P<rest>{_WORD}{{1,{LONGEST}}})",
    re.IGNORECASE,
)
_BARE: Final = re.compile(
    r"(?<![\w@.\-/\\=&%])(?P<host>[a-z0-9_](?:[a-z0-9_-]{0,62}\.)(?:[a-z0-9_-]{1,63}\.){0,20}(?P<top>[a-z]{2,24}|xn--[a-z0-9-]{1,59}))"
    rf"(?P<tail>(?::\d{{1,5}})?(?:[/?#]{_WORD}{{0,{LONGEST}}})?)(?![\w@-])",
    re.IGNORECASE,
)
_SHARE: Final = re.compile(rf"(?<![\w\\])\\\\[a-z0-9.@-]{{2,200}}\\{_WORD}{{1,500}}", re.IGNORECASE)
_NEEDS_SLASHES: Final = frozenset({"http", "https", "ftp", "ftps", "ws", "wss", "smb", "file"})
_FILE_ENDINGS: Final = frozenset(
    {"md", "sh", "py", "pl", "rs", "cc", "so", "ps", "zip", "mov", "bz", "mm", "pm", "ms", "st"}
)
"""Suffixes of domains that files have too: a name of two labels that ends in one, and has no path, is a file's."""
_STOPS: Final = ".,;:!?'\"*_~|>\u2026\u3002\u00b7"
_BRACKETS: Final = {")": "(", "]": "[", "}": "{"}
_HARMLESS: Final = (
    "hxxp",
    "hxtp",
    "htxp",
    "h**p",
    "h__p",
    "[.",
    "[dot",
    "(.)",
    "(dot",
    "{.",
    "{dot",
    "[:",
    "[//",
    "\\.",
)
_DOT: Final = r"(?:[ ]?[\[({][ ]?(?:\.|dot|punkt)[ ]?[\])}][ ]?|\\\.|\.|[\[]\.|\.[\]])"
_DISARMED: Final = re.compile(
    r"(?<![\w-])(?P<url>(?:(?P<scheme>h(?:xx|tt|xt|tx|\*\*|__)ps?|fxp|ftp)[ ]?[\[({]?:[\])}]?[\[]?//[\]]?[ ]?)?"
    rf"(?P<host>[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{1,20}})"
    rf"(?P<tail>(?:[\[]?:[\]]?\d{{1,5}})?(?:[/?#]{_WORD}{{0,{LONGEST}}})?))",
    re.IGNORECASE,
)
_ANY_DOT: Final = re.compile(r"[ ]?[\[({][ ]?(?:\.|dot|punkt)[ ]?[\])}][ ]?|\\\.|\[\.|\.\]", re.IGNORECASE)
_AGAIN: Final = re.compile(r"https?:[/\\]{2}", re.IGNORECASE)
_LONGEST_WORD: Final = 100_000


@dataclass(frozen=True, slots=True)
class Written:
    """A URL as it stands in a text, and as a client or a reader would take it."""

    untrusted_raw: str
    untrusted_url: str
    disarmed: bool = False


def written(text: str, site: Site) -> Iterator[Written]:
    """The URLs of a text, in its order, with repetitions."""
    # Nearly all words end here: a URL has a dot or a colon before its last character.
    for word in [word for word in text.split() if "." in word or ":" in word or "\\\\" in word]:
        if (word.find(".", 1, -1) > 0 or word.find(":", 1, -1) > 0 or "\\\\" in word) and len(word) > 3:
            for piece in _pieces(word):
                yield from _in_word(piece, site)
    lowered = text.lower()
    if any(mark in lowered for mark in _HARMLESS):
        yield from _disarmed(text, site)
    if "<http" in lowered or "<url:" in lowered:
        yield from _in_angles(text)


def trimmed(untrusted: str) -> str:
    """A URL without what belongs to the sentence around it: stops, and brackets that open before it."""
    excess = {close: untrusted.count(close) - untrusted.count(open_) for close, open_ in _BRACKETS.items()}
    end = len(untrusted)
    while end:
        last = untrusted[end - 1]
        if excess.get(last, 0) > 0:
            excess[last] -= 1
        elif last not in _STOPS:
            break
        end -= 1
    return untrusted[:end]


def _pieces(word: str) -> Iterator[str]:
    for start in range(0, len(word), _LONGEST_WORD):
        yield word[start : start + _LONGEST_WORD]


def _in_word(word: str, site: Site) -> Iterator[Written]:
    before = len(word)
    if ":" in word:
        for match in _WITH_SCHEME.finditer(word):
            before = min(before, match.start())
            yield from _with_scheme(match)
    if "\\\\" in word and (share := _SHARE.search(word, 0, before)):
        yield Written(share[0], share[0])
    elif "." in word:
        for match in _BARE.finditer(word, 0, before):
            if found := _bare(match, site):
                yield found


def _with_scheme(match: re.Match[str]) -> Iterator[Written]:
    scheme, rest = match["scheme"].lower(), match["rest"]
    slashes = rest.startswith(("/", "\\"))
    if scheme in _NEEDS_SLASHES and not slashes:
        return
    if scheme in ("data", "search", "tg", "intent") and not _plausible(scheme, rest):
        return
    again = _AGAIN.search(rest) if slashes else None
    raw = trimmed(match[0])
    if len(raw) > len(scheme) + 3:
        yield Written(raw, raw)
    if again and again.start() > 0 and (rest[again.start() - 1] in ",;|)]}'" or not rest[again.start() - 1].isascii()):
        # Two URLs with a sign between them: clients that end a URL at that sign see both.
        first, second = trimmed(match[0][: len(scheme) + 1 + again.start()]), trimmed(rest[again.start() :])
        yield Written(first, first)
        yield Written(second, second)
    if not raw.isascii():
        short = trimmed(raw[: next(at for at, letter in enumerate(raw) if not letter.isascii())])
        if len(short) > len(scheme) + 6 and "." in short:
            yield Written(short, short)


def _plausible(scheme: str, rest: str) -> bool:
    """Whether a word that people use before a colon is a scheme here."""
    match scheme:
        case "data":
            return "," in rest and "/" in rest.partition(",")[0]
        case "search":
            return "query=" in rest.lower() or "crumb=" in rest.lower()
        case _:
            return rest.startswith("//")


def _bare(match: re.Match[str], site: Site) -> Written | None:
    name, top, tail = match["host"], match["top"], match["tail"]
    if not (top.islower() or name.isupper()) or name.count(".") > 10:
        return None
    if not tail and name.count(".") == 1 and top.lower() in _FILE_ENDINGS:
        return None
    if site(name.lower()) is None:
        return None
    raw = trimmed(match[0])
    return Written(raw, f"http://{raw}")


def _disarmed(text: str, site: Site) -> Iterator[Written]:
    for match in _DISARMED.finditer(text):
        name = _ANY_DOT.sub(".", match["host"])
        scheme = (match["scheme"] or "").lower()
        if not scheme and name == match["host"]:
            continue  # an ordinary one; it was seen as a word
        if scheme in ("http", "https", "ftp") and name == match["host"] and "[" not in match[0] and " " not in match[0]:
            continue
        if site(name.lower()) is None and not name.replace(".", "").isdecimal():
            continue
        plain = {"fxp": "ftp", "ftp": "ftp"}.get(scheme, "https" if scheme.endswith("s") else "http")
        tail = _ANY_DOT.sub(".", match["tail"].replace("[:]", ":"))
        raw = trimmed(match["url"])
        cut = len(match["url"]) - len(raw)
        yield Written(raw, f"{plain}://{name}{tail[: len(tail) - cut] if cut <= len(tail) else tail}", disarmed=True)


def _in_angles(text: str) -> Iterator[Written]:
    """URLs in angle brackets, which may be broken over lines (RFC 3986, appendix C)."""
    at = text.find("<")
    while at >= 0:
        end = text.find(">", at, at + LONGEST)
        inner = text[at + 1 : end] if end > 0 else ""
        body = inner[4:] if inner[:4].lower() == "url:" else inner
        if body[:4].lower() == "http" and "\n" in body and "<" not in body:
            joined = "".join(body.split())
            yield Written(body.strip(), joined)
        at = text.find("<", at + 1)
