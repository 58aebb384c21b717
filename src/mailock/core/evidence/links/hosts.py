"""Hosts of URLs: names in IDNA, addresses in every form that browsers read, and letters that pass for others.

Sources: WHATWG URL Standard, sections 3.3 to 3.5 (host parsing, the IPv4 number forms), UTS #46 (mapping; simplified:
compatibility normalisation, lower case, characters that are left out), UTS #39 (scripts that mix; simplified: by the
names of characters). Nothing here raises, whatever it is given.
"""

import codecs
import ipaddress
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from mailock.core.mail.unseen import UNSEEN

_PUNYCODE: Final = codecs.lookup("punycode")
"""Looked up beforehand: a jail without a file system could not load it later."""
_DOTS: Final = dict.fromkeys(map(ord, "\u3002\uff0e\uff61"), ".")
_FORBIDDEN: Final = frozenset(map(chr, range(0x21))) | frozenset("#/:<>?@[\\]^|%\x7f")
"""What no host may have in it, once percent signs are undone: browsers open nothing then."""
_DIGITS: Final = frozenset("0123456789abcdef")
_LONGEST_LABEL: Final = 250
_LATIN_LOOKING: Final = {
    **dict(zip("аеорсухіјѕԁһӏԛԝɡνοαρτικβ", "aeopcyxijsdhlqwgvoaptikb", strict=True)),
    **dict(zip("ıłøđƙɩ", "ilodki", strict=True)),
}
"""Letters that readers take for the ASCII letter, as far as host names use them (UTS #39, confusables)."""
_LATIN_AT_A_GLANCE: Final = {
    **_LATIN_LOOKING,
    **dict(zip("гпткмвьѡшнҫүѵзԍԏ", "rntkmbbwwhcyvzgt", strict=True)),
    **dict(zip("υωηγχςσεϲϳλδ", "uwnyxcoecjld", strict=True)),
    **dict(zip("օսոհզցյքս", "ounhqgjpu", strict=True)),
    **dict(zip("ƒſħŧɑɴᴄᴏᴠᴡᴢᴜᴋᴍᴛʀʙɪʟʜǀƿþɓɗᴀᴅᴇᴊᴘꜱɢꜰʏʁ", "ffhtancovwzukmtrbilhlppbdadejpsgfyr", strict=True)),
}
"""Others that are taken so only by who expects a name: words of whole languages are written with them."""
_TOGETHER: Final = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA", "LATIN"}),
    frozenset({"CJK", "BOPOMOFO", "LATIN"}),
    frozenset({"CJK", "HANGUL", "LATIN"}),
)
"""Scripts that are written together (UTS #39, highly restrictive)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The host of a URL."""

    name: str
    """In lower case and IDNA; an address in its usual form, of IPv6 without brackets. Empty where it is none."""
    address: bool = False
    odd_address: bool = False
    """An address as nobody writes one: hexadecimal, octal, one number, or fewer than four."""
    hidden: bool = False
    """Whether it had characters that nobody sees."""
    mixed: bool = False
    """Whether a label mixes scripts that are not written together."""
    lookalike: str = ""
    """The name in ASCII that readers take it for, where letters of other scripts stand in it."""


def host(untrusted: str) -> Host:
    """A host as browsers read it."""
    if untrusted.startswith("["):
        return _ipv6(untrusted.strip("[]"))
    plain = untrusted if "%" not in untrusted else unquote(untrusted)
    plain = plain.translate(_DOTS)
    # Most of what nobody sees is left out by UTS #46; browsers refuse the rest.
    seen = plain.translate(UNSEEN)
    hidden = seen != plain
    shown = seen.lower() if seen.isascii() else unicodedata.normalize("NFKC", seen).lower()
    shown = shown.translate(_DOTS).rstrip(".")
    if not _FORBIDDEN.isdisjoint(shown):
        return Host(name="")
    last = shown.rpartition(".")[2]
    if last.isdecimal() or last.startswith("0x"):
        found = _ipv4(shown)
        if found is not None:
            return Host(name=found, address=True, odd_address=found != shown, hidden=hidden)
    labels = shown.split(".")
    if "xn--" in shown:
        shown = ".".join(map(readable, labels))
    name = ".".join(map(_ascii, labels))
    if shown.isascii():
        return Host(name=name, hidden=hidden)
    return Host(name=name, hidden=hidden, mixed=any(map(mixed, shown.split("."))), lookalike=lookalike(shown))


def readable(label: str) -> str:
    """A label as a reader sees it: `xn--…` decoded, where it can be."""
    if not label.startswith("xn--") or len(label) > _LONGEST_LABEL:
        return label
    try:
        return _PUNYCODE.decode(label[4:].encode("ascii"), "strict")[0]
    except (UnicodeError, ValueError):
        return label


def mixed(label: str) -> bool:
    """Whether a label mixes scripts that are not written together."""
    if label.isascii():
        return False
    scripts = {unicodedata.name(letter, "").partition(" ")[0].partition("-")[0] for letter in label if letter.isalpha()}
    return len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER)


def lookalike(shown: str) -> str:
    """The ASCII name that a name is taken for; empty where it has letters that look like no ASCII letter."""
    folded = "".join(_LATIN_LOOKING.get(letter, letter) for letter in shown)
    if not folded.isascii():
        bare = unicodedata.normalize("NFD", folded)
        folded = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return folded if folded.isascii() and folded != shown else ""


def glanced(shown: str) -> str:
    """A name as somebody takes it who looks for one that he knows: each letter by itself, and more generously."""
    bare = unicodedata.normalize("NFD", "".join(_LATIN_AT_A_GLANCE.get(letter, letter) for letter in shown.lower()))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _ascii(label: str) -> str:
    if label.isascii() or len(label) > _LONGEST_LABEL:
        return label
    try:
        return "xn--" + _PUNYCODE.encode(label, "strict")[0].decode("ascii")
    except (UnicodeError, ValueError):
        return label


def _ipv6(untrusted: str) -> Host:
    try:
        return Host(name=str(ipaddress.IPv6Address(untrusted)), address=True)
    except ValueError:
        return Host(name="")


def _ipv4(untrusted: str) -> str | None:
    """An IPv4 address in any form that browsers read; None where it is none."""
    pieces = untrusted.split(".")
    if len(pieces) > 4:
        return None
    numbers = [_number(piece) for piece in pieces]
    if None in numbers:
        return None
    known = [number for number in numbers if number is not None]
    if any(number > 255 for number in known[:-1]) or known[-1] >= 256 ** (5 - len(known)):
        return None
    value = known[-1] + sum(number << 8 * (3 - place) for place, number in enumerate(known[:-1]))
    return str(ipaddress.IPv4Address(value))


def _number(piece: str) -> int | None:
    if len(piece) > 20 or not _DIGITS.issuperset(piece.removeprefix("0x")) or not piece:
        return None
    try:
        if piece.startswith("0x"):
            return int(piece[2:] or "0", 16)
        return int(piece, 8) if piece.startswith("0") and len(piece) > 1 else int(piece, 10)
    except ValueError:
        return None
