"""Tricks with the name of the file: every spelling that some client shows as the program that it is."""

import base64
from typing import Final

from tests.parts.hiding.payload import MIXED, NAME, TEXT, Packed, Trick, fields, mixed, top


def _named(*lines: bytes) -> Trick:
    """The fields that name the part."""
    return lambda pack: top(MIXED) + mixed(TEXT, _entity(pack, lines))


def _entity(pack: Packed, lines: tuple[bytes, ...]) -> bytes:
    return fields(*lines, b"Content-Transfer-Encoding: " + pack.declared) + pack.body + b"\r\n"


_D: Final = b"Content-Disposition: attachment; "
_T: Final = b"Content-Type: application/octet-stream; "


def _encoded(content: bytes) -> bytes:
    return _D + b'filename="=?utf-16?b?' + base64.b64encode(content) + b'?="'


_SPELLINGS: Final[dict[str, tuple[bytes, ...]]] = {
    "filename": (_D + b'filename="evil-invoice.exe"',),
    "name": (_T + b'name="evil-invoice.exe"',),
    "name and another filename": (_T + b'name="evil-invoice.exe"', _D + b'filename="a.txt"'),
    "filename and another name": (_T + b'name="a.txt"', _D + b'filename="evil-invoice.exe"'),
    "filename in the type": (_T + b'filename="evil-invoice.exe"',),
    "name in the disposition": (_D + b'name="evil-invoice.exe"',),
    "unquoted": (_D + b"filename=evil-invoice.exe",),
    "not closed": (_D + b'filename="evil-invoice.exe',),
    "closed only": (_D + b'filename=evil-invoice.exe"',),
    "single quotes": (_D + b"filename='evil-invoice.exe'",),
    "twice, first": (_D + b"filename=evil-invoice.exe; filename=a.txt",),
    "twice, last": (_D + b"filename=a.txt; filename=evil-invoice.exe",),
    "two fields, first": (_D + b"filename=evil-invoice.exe", _D + b"filename=a.txt"),
    "two fields, last": (_D + b"filename=a.txt", _D + b"filename=evil-invoice.exe"),
    "comment before": (_D + b"filename=(a.txt)evil-invoice.exe",),
    "comment behind": (_D + b"filename=evil-invoice.exe(a.txt)",),
    "blanks around equals": (_D + b'filename = "evil-invoice.exe"',),
    "no semicolon": (b'Content-Disposition: attachment filename="evil-invoice.exe"',),
    "no disposition": (b'Content-Disposition: filename="evil-invoice.exe"',),
    "upper case": (b'CONTENT-DISPOSITION: ATTACHMENT; FILENAME="evil-invoice.exe"',),
    "escaped": (_D + b'filename="evil-invoice\\.exe"',),
    "text behind the quotes": (_D + b'filename="evil-invoice".exe',),
    "quotes inside": (_D + b'filename=evil-"invoice".exe',),
    "semicolon in quotes": (_D + b'x="; filename=evil-invoice.exe"',),
    "rfc 2231": (_D + b"filename*=utf-8''evil-invoice%2Eexe",),
    "rfc 2231 without charset": (_D + b"filename*=''evil-invoice.exe",),
    "rfc 2231 without quotes": (_D + b"filename*=evil-invoice%2Eexe",),
    "rfc 2231 in quotes": (_D + b"filename*=\"utf-8''evil-invoice%2Eexe\"",),
    "rfc 2231 in utf-16": (_D + b"filename*=utf-16be''" + b"".join(b"%%%02X" % o for o in NAME.encode("utf-16-be")),),
    "rfc 2231 beside a plain one": (_D + b"filename=a.txt; filename*=utf-8''evil-invoice.exe",),
    "rfc 2231 before a plain one": (_D + b"filename*=utf-8''a.txt; filename=evil-invoice.exe",),
    "rfc 2231 pieces": (_D + b'filename*0="evil-"; filename*1="invoice.exe"',),
    "rfc 2231 pieces out of order": (_D + b'filename*1="invoice.exe"; filename*0="evil-"',),
    "rfc 2231 pieces from one": (_D + b'filename*1="evil-"; filename*2="invoice.exe"',),
    "rfc 2231 pieces with a gap": (_D + b'filename*0="evil-"; filename*2="invoice.exe"',),
    "rfc 2231 pieces before a gap": (_D + b'filename*0="evil-invoice.exe"; filename*2=".txt"',),
    "rfc 2231 pieces with a double, first": (_D + b'filename*0="evil-"; filename*1="invoice.exe"; filename*1="a.txt"',),
    "rfc 2231 pieces with a double, last": (_D + b'filename*0="evil-"; filename*1="a.txt"; filename*1="invoice.exe"',),
    "rfc 2231 encoded pieces": (_D + b"filename*0*=utf-8''evil%2D; filename*1*=invoice%2Eexe",),
    "rfc 2231 mixed pieces": (_D + b"filename*0*=utf-8''evil%2D; filename*1=\"invoice.exe\"",),
    "rfc 2231 leading zeros": (_D + b'filename*00="evil-"; filename*01="invoice.exe"',),
    "rfc 2231 in the type": (_T + b"name*=utf-8''evil-invoice.exe",),
    "rfc 2231 pieces over two lines": (_D + b'filename*0="evil-";\r\n\tfilename*1="invoice.exe"',),
    "rfc 2047": (_D + b'filename="=?utf-8?q?evil-invoice=2Eexe?="',),
    "rfc 2047 in base64": (_D + b'filename="=?utf-8?b?ZXZpbC1pbnZvaWNlLmV4ZQ==?="',),
    "rfc 2047 unquoted": (_D + b"filename==?utf-8?q?evil-invoice=2Eexe?=",),
    "rfc 2047 in two words": (_D + b'filename="=?utf-8?q?evil-?= =?utf-8?b?aW52b2ljZS5leGU=?="',),
    "rfc 2047 in two words folded": (_D + b'filename="=?utf-8?q?evil-?=\r\n =?utf-8?b?aW52b2ljZS5leGU=?="',),
    "rfc 2047 beside text": (_D + b'filename="evil-=?utf-8?q?invoice?=.exe"',),
    "rfc 2047 not closed": (_D + b'filename="=?utf-8?q?evil-invoice=2Eexe"',),
    "rfc 2047 without padding": (_D + b'filename="=?utf-8?b?ZXZpbC1pbnZvaWNlLmV4ZQ?="',),
    "rfc 2047 within rfc 2231": (_D + b"filename*=utf-8''=?utf-8?q?evil-invoice=2Eexe?=",),
    "rfc 2047 over rfc 2231 pieces": (_D + b'filename*0="=?utf-8?q?evil-inv"; filename*1="oice=2Eexe?="',),
    "rfc 2047 around the whole value": (b"Content-Disposition: =?utf-8?q?attachment=3B_filename=3Devil-invoice.exe?=",),
    "percent-encoded": (_D + b'filename="evil-invoice%2Eexe"',),
    "folded in the quotes": (_D + b'filename="evil-\r\n invoice.exe"',),
    "folded with a bare CR": (_D + b'\r filename="evil-invoice.exe"',),
    "NUL behind": (_D + b'filename="evil-invoice.exe\0.txt"',),
    "utf-7 charset": (_D + b"filename*=utf-7''evil-invoice+AC4-exe",),
    "blanks behind": (_D + b'filename="evil-invoice.exe   "',),
    "a hundred other parameters": (
        _D + b"; ".join(b"x%d=y" % number for number in range(100)) + b"; filename=evil-invoice.exe",
    ),
    "empty one first": (_D + b'filename=""; filename="evil-invoice.exe"',),
    "content-description": (b"Content-Description: evil-invoice.exe",),
    "content-location": (b"Content-Location: http://a.example/x/evil-invoice.exe",),
    "fold before equals": (_D + b"filename\r\n =evil-invoice.exe",),
    "fold behind equals": (_D + b"filename=\r\n evil-invoice.exe",),
    "fold of blanks before it": (_D.rstrip() + b"\r\n \r\n filename=evil-invoice.exe",),
    "comment behind the key": (_D + b"filename()=evil-invoice.exe",),
    "comment in the key": (_D + b"file(x)name=evil-invoice.exe",),
    "comment in the type's key": (_T + b"na(x)me=evil-invoice.exe",),
    "comment in the value": (_D + b"filename=evil-invoice.e(.txt)xe",),
    "backslash in the key": (_D + b"file\\name=evil-invoice.exe",),
    "key in quotes": (_D + b'"filename"="evil-invoice.exe"',),
    "NUL in the key": (_D + b"file\0name=evil-invoice.exe",),
    "NUL behind the key": (_D + b"filename\0=evil-invoice.exe",),
    "no-break spaces": (_D.rstrip() + b"\xa0filename\xa0=\xa0evil-invoice.exe",),
    "vertical tabs": (_D.rstrip() + b"\vfilename\v=\vevil-invoice.exe",),
    "comma for semicolon": (b"Content-Disposition: attachment, filename=evil-invoice.exe",),
    "many semicolons": (_D + b";;; ; filename=evil-invoice.exe",),
    "equals alone first": (_D + b"=; filename=evil-invoice.exe",),
    "empty one last": (_D + b'filename="evil-invoice.exe"; filename=""',),
    "control behind": (_D + b"filename=evil-invoice.exe\x13",),
    "controls inside": (_D + b'filename="evil-\x01in\x7fvoice.exe"',),
    "escaped quotes around": (_D + b'filename=\\"evil-invoice.exe\\"',),
    "quotes doubled": (_D + b'filename=""evil-invoice.exe""',),
    "ten others first": (_D + b"; ".join(b"filename=a%d.txt" % n for n in range(10)) + b"; filename=evil-invoice.exe",),
    "rfc 2231 twice": (_D + b"filename*=utf-8''a.txt; filename*=utf-8''evil-invoice.exe",),
    "rfc 2231 with a language": (_D + b"filename*=utf-8'en'evil-invoice.exe",),
    "rfc 2231 blank before the star": (_D + b"filename *=utf-8''evil-invoice.exe",),
    "rfc 2231 blank behind the star": (_D + b"filename* =utf-8''evil-invoice.exe",),
    "rfc 2231 blanks in pieces": (_D + b'filename*0 ="evil-"; filename *1= "invoice.exe"',),
    "rfc 2231 charset told twice": (_D + b"filename*0*=utf-8''evil-; filename*1*=utf-8''invoice.exe",),
    "rfc 2231 charset told late": (_D + b"filename*0=evil-; filename*1*=utf-8''invoice.exe",),
    "rfc 2231 percent-encoded without a star": (_D + b'filename*0="evil%2D"; filename*1="invoice%2Eexe"',),
    "rfc 2231 star in quotes": (_D + b'filename*0*="utf-8\'\'evil%2D"; filename*1*="invoice%2Eexe"',),
    "rfc 2231 in utf-16, little": (
        _D + b"filename*=utf-16''" + b"".join(b"%%%02X" % o for o in NAME.encode("utf-16-le")),
    ),
    "rfc 2231 in utf-16, big": (
        _D + b"filename*=utf-16''" + b"".join(b"%%%02X" % o for o in NAME.encode("utf-16-be")),
    ),
    "rfc 2231 from two": (_D + b"filename*2=evil-; filename*3=invoice.exe",),
    "rfc 2231 turned from two": (_D + b"filename*2=invoice.exe; filename*0=evil-",),
    "rfc 2231 as they stand": (_D + b"filename*1=evil-; filename*0=invoice.exe",),
    "rfc 2231 over two fields": (_D + b"filename*0=evil-", _D + b"filename*1=invoice.exe"),
    "rfc 2231 over two fields turned": (_D + b"filename*1=invoice.exe", _D + b"filename*0=evil-"),
    "rfc 2231 over both fields": (_D + b"filename*0=evil-", _T + b"filename*1=invoice.exe"),
    "rfc 2231 over types": (_T + b"name*0=evil-", _T + b"name*1=invoice.exe"),
    "rfc 2231 beyond nine": (
        _D + b"; ".join(b"filename*%d=%c" % (place, letter) for place, letter in enumerate(NAME.encode())),
    ),
    "rfc 2047 in utf-16, little": (_encoded(NAME.encode("utf-16-le")),),
    "rfc 2047 in utf-16, big": (_encoded(NAME.encode("utf-16-be")),),
    "rfc 2047 with a language": (_D + b'filename="=?utf-8*en?q?evil-invoice=2Eexe?="',),
    "rfc 2047 of a foreign charset": (_D + b'filename="=?x-nonsense?q?evil-invoice=2Eexe?="',),
    "rfc 2047 folded inside": (_D + b'filename="=?utf-8?q?evil-in\r\n voice=2Eexe?="',),
    "rfc 2047 in capitals": (_D + b'FILENAME="=?UTF-8?Q?evil-invoice=2Eexe?="',),
    "rfc 2047 in one word of two charsets": (_D + b'filename="=?utf-8?q?evil-?==?us-ascii?q?invoice=2Eexe?="',),
}
"""What a name is written as."""
_UNUSUAL: Final = {
    "folded in the quotes": "evil- invoice.exe",
    "semicolon inside": "evil;invoice.exe",
    "semicolon inside, escaped": "evil;invoice.exe",
    "semicolon inside, in quotes": "evil;invoice.exe",
    "quote inside": 'evil"invoice.exe',
    "quote inside, escaped": 'evil"invoice.exe',
}
_ODD: Final[dict[str, tuple[bytes, ...]]] = {
    "semicolon inside": (_D + b"filename=evil;invoice.exe",),
    "semicolon inside, escaped": (_D + b"filename=evil\\;invoice.exe",),
    "semicolon inside, in quotes": (_D + b'filename="evil;invoice.exe"',),
    "quote inside": (_D + b'filename=evil"invoice.exe',),
    "quote inside, escaped": (_D + b'filename="evil\\"invoice.exe"',),
}

TRICKS: Final[dict[str, tuple[Trick, str]]] = {
    name: (_named(*lines), _UNUSUAL.get(name, NAME)) for name, lines in (_SPELLINGS | _ODD).items()
}
