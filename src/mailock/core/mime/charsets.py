"""Character sets of hostile mail: a fixed list of decoders, loaded beforehand, and text that never fails to decode.

Python knows codecs that are no character sets of mail, and some that take quadratic time (punycode); a name out of a
message never reaches the codec registry unless it is listed here. The decoders are loaded when this module is: a
jail without a file system could not load them later.
"""

import codecs
from encodings.aliases import aliases
from typing import Final

_LISTED: Final = (
    *("ascii", "utf-8", "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
    *(f"iso8859-{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)),
    *(f"cp{number}" for number in (1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258)),
    *("cp437", "cp850", "cp852", "cp855", "cp866", "cp874", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic"),
    *("gb2312", "gbk", "gb18030", "hz", "big5", "big5hkscs", "cp950", "euc-jp", "shift_jis", "cp932"),
    *("iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_ext", "iso2022_kr"),
    *("euc-kr", "cp949", "johab", "tis-620"),
)
_ALIASES: Final = {
    "unicode-1-1-utf-7": "utf-7",
    "unicode-2-0-utf-7": "utf-7",
    "utf7": "utf-7",
    "x-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "unicode": "utf-16",
    "ucs-2": "utf-16",
    "iso-10646-ucs-2": "utf-16-be",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "x-gbk": "gbk",
    "x-big5": "big5",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "windows-949": "cp949",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-unknown": "cp1252",
    "unknown-8bit": "cp1252",
    "unknown": "cp1252",
    "x-user-defined": "cp1252",
    "default": "cp1252",
}


def _spelled(name: str) -> str:
    return name.replace("-", "_").replace(" ", "_").replace(".", "_")


def _codecs() -> dict[str, str]:
    """Every spelling of a listed charset, and the name of its codec."""
    modules = {aliases.get(_spelled(name), _spelled(name)): codecs.lookup(name).name for name in _LISTED}
    known = {alias: modules[module] for alias, module in aliases.items() if module in modules}
    known |= {_spelled(name): codecs.lookup(name).name for name in _LISTED}
    return known | {_spelled(alias): codecs.lookup(name).name for alias, name in _ALIASES.items()}


_KNOWN: Final = _codecs()
_WEB: Final = {"ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949"}
"""Charsets that clients read as their supersets (WHATWG Encoding, section 4.2)."""


def codec(untrusted_name: str) -> str | None:
    """The name of a codec for a charset as mail names it; None where it is not one of ours."""
    name = untrusted_name.strip(" \t\"'").lower().partition("*")[0]
    return _KNOWN.get(_spelled(name)) if len(name) <= 40 else None


def text(content: bytes, untrusted_charset: str) -> str:
    """Octets as text; an unknown charset is read as Windows-1252, what cannot be decoded becomes U+FFFD."""
    name = codec(untrusted_charset) or "cp1252"
    try:
        return content.decode(_WEB.get(name, name), "replace")
    except (LookupError, ValueError):
        # Some decoders refuse whole inputs whatever the error handler (UTF-16 without its second octet, broken shifts).
        return content.decode("latin-1")


def text_turned(content: bytes, untrusted_charset: str) -> str:
    """The same in the other order of octets, where neither the charset nor a mark tells it (RFC 2781 section 4.3)."""
    name = codec(untrusted_charset)
    unmarked = name in ("utf-16", "utf-32") and not content.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"))
    return text(content, f"{name}-be" if unmarked else untrusted_charset)


def shown(content: bytes) -> str:
    """Octets in a header whose charset nobody told: UTF-8 where they are that, else Windows-1252."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def texts(content: bytes, untrusted_charsets: tuple[str, ...]) -> tuple[str, ...]:
    """Every text that a client may show for octets, the most likely first.

    By each declared charset, by the mark that they start with, as UTF-8 where they are that, and with over-long UTF-8
    read as old decoders read it.
    """
    found = [read(content, charset) for charset in untrusted_charsets for read in (text, text_turned)]
    for mark, charset in _MARKS:
        if content.startswith(mark):
            found.append(content.decode(charset, "replace"))
    if not content.isascii():
        found.append(shown(content))
        repaired = _shortest(content)
        if repaired != content:
            found.append(shown(repaired))
    elif not found:
        found.append(content.decode("ascii"))
    return tuple(dict.fromkeys(found))


_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"+/v", "utf-7"),
)


def _shortest(content: bytes) -> bytes:
    """Octets with over-long sequences for ASCII (C0 BC, E0 80 BC) replaced by the letters that they stand for."""
    for lead in (b"\xe0\x80", b"\xc0", b"\xc1"):
        if lead not in content:
            continue
        pieces = content.split(lead)
        offset = 0x40 if lead == b"\xc1" else 0
        kept = [pieces[0]]
        for piece in pieces[1:]:
            if piece and 0x80 <= piece[0] < 0xC0:
                kept.append(bytes((piece[0] - 0x80 + offset,)) + piece[1:])
            else:
                kept.append(lead + piece)
        content = b"".join(kept)
    return content
