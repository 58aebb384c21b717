"""Traits of the text and of the files: how it is spelled and laid out, how much there is, what comes with it."""

import re
from typing import Final

from mailock.core.mime.part import Part
from mailock.engines.spam.forms import Form
from mailock.engines.spam.heads import Amounts, address_of
from mailock.engines.spam.mail import Mail
from mailock.engines.spam.pages import Page
from mailock.engines.spam.wording import COMMON, INVISIBLE, is_mixed, is_random, leet, random_among, spaced

LOOKED_AT: Final = 3500
"""Characters in which forms are sought."""
_SHOUTED: Final = re.compile(r"[A-Z](?<!\w[A-Z])[A-Z]{2,}\b")
_MONEY: Final = Form(
    r"[$£€]\s?\d|\b(?:usd|eur|gbp)\s?\d|\d\s?(?:usd|eur|dollars|euros?)\b",
    ("$", "£", "€", "usd", "eur", "gbp", "dollars"),
)
_MILLIONS: Final = Form(r"million(?<!\wmillion)(?:s|en|es|i)?\b.{0,20}(?:dollar|usd|euro|pound|u\.?s)", ("million",))
_LONG_NUMBER: Final = re.compile(r"\d[.,]\d{3}[.,]\d{3}")
_PERCENT: Final = Form(r"\d\s?%", ("%",))
_PHONE: Final = re.compile(r"(?:\+\d|1[-. ]?8\d\d[-. ]|\(\d{3}\)\s?\d{3}[-. ]?\d{4}|\b\d{3}[-.]\d{3}[-.]\d{4}\b)")
_LIKE_PHONE: Final = re.compile(
    r"[+(\d](?:(?<=\+)\d|(?<=1)[-. ]?8\d\d|(?<=\()\d{3}\)\s?\d{3}|(?<=\d)\d\d[-.]\d{3}[-.]\d{4})"
)
"""What stands in every text that has a telephone number once its links are taken out."""
_QUOTED: Final = re.compile(
    r"(?m)^\s{0,3}(?:>+|\|)\s?\S.*\n(?:\s{0,3}(?:>|\|).*\n)?|-{3,} ?Original|^_{20,}\r?\nFrom:|"
    r"^.{0,100}(?:wrote|writes|schrieb|a écrit|escribió|ha scritto|said):\s*$"
)
_QUOTING: Final = (
    ">",
    "|",
    "Original",
    "_" * 20,
    *("wrote", "writes", "schrieb", "a écrit", "escribió", "ha scritto", "said"),
)
"""Of these every quotation needs one."""
_SIGNED: Final = re.compile(r"-- (?<![^\n]-- )\r?\n")
_TECHNICAL: Final = re.compile(
    r"[+-]{3} \S+(?:\s|$)|@@ -\d|diff -|index [0-9a-f]{7}|\s*#include|.*\);\s*$|Traceback|"
    r".*\bat [\w.$]+\([\w.]+:\d+\)|"
    r"\s*(?:def|class|import|function|if|for|while)\b.*[:{(;]\s*$|\s*</?[a-z]+>\s*$|"
    r"\s*(?:sudo|rpm|apt-get|make|gcc|perl|python|\$ \w+|# \w+ -)"
)
"""How a line begins that a program wrote, or reads."""
_FILE_OF_PROGRAM: Final = re.compile(r"\.(?<=[\w/]\.)(?:c|h|py|pl|cpp|java|sh|conf|rpm|tar\.gz)\b")
_PGP: Final = ("-----BEGIN PGP ", "\nVersion: GnuPG")
_WALLET: Final = re.compile(
    r"[b13T0](?<!\w.)(?:(?<=b)c1[a-z0-9]{20,60}|(?<=[13])[a-km-zA-HJ-NP-Z1-9]{26,34}|"
    r"(?<=0)x[0-9a-fA-F]{40}|(?<=T)[A-Za-z1-9]{33})\b"
)
_CODE_END: Final = re.compile(r"(?:^|\n)\s*([A-Za-z0-9]{6,30}(?:[ -][A-Za-z0-9]{6,30})?)\s*$")
_LINK: Final = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")
_DOCUMENTS: Final = (".pdf", ".doc", ".docx", ".xls", ".xlsx", ".rtf", ".ppt", ".pptx", ".odt")
_ARCHIVES: Final = (".zip", ".rar", ".7z", ".gz", ".iso", ".img", ".ace", ".tar", ".cab")
_PROGRAMS: Final = (
    ".exe",
    ".scr",
    ".pif",
    ".bat",
    ".com",
    ".cmd",
    ".js",
    ".vbs",
    ".lnk",
    ".hta",
    ".jar",
    ".cpl",
    ".wsf",
)
_PAGES: Final = (".htm", ".html", ".shtml", ".xhtml", ".svg", ".mht")


def bodies(mail: Mail, page: Page, text: str, words: list[str]) -> Amounts:
    """The traits that are there. `text` is all that is shown; `words` are its folded words."""
    found: Amounts = dict(page.amounts)
    _amount(found, mail, page, text, words)
    _spelling(found, text, words)
    _speech(found, mail, text, words)
    _files(found, mail, words)
    _wrapped(found, mail)
    return found


def _amount(found: Amounts, mail: Mail, page: Page, text: str, words: list[str]) -> None:
    plain = sum(len(one.split()) for one in mail.texts)
    if page.text.strip() and not plain:
        found["html.only"] = 1
    few = len(words)
    if few == 0:
        found["text.none"] = 1
    elif few < 25:
        found["text.short"] = 1
    elif few > 250:
        found["text.long"] = 1
    if few < 30 and len(page.anchors) in (1, 2):
        found["html.alone_link"] = 1
    pictures = len(page.pictures)
    if pictures and few < 20:
        found["html.image"] = 1
        if page.linked_pictures:
            found["html.image_link"] = 1
    if plain > 20 and page.text:
        shown = set(page.text.lower().split())
        told = {word for one in mail.texts for word in one.lower().split()}
        if len(shown) > 20 and len(shown & told) * 5 < min(len(shown), len(told)):
            found["html.apart"] = 1


def _spelling(found: Amounts, text: str, words: list[str]) -> None:
    count = max(1, len(words))
    shouted = len(_SHOUTED.findall(text))
    if shouted > 8 and shouted * 4 > count:
        found["text.shout"] = 1
    cries = text.count("!")
    if cries > 2 and cries * 50 > count:
        found["text.exclaim"] = min(2.0, cries * 50 / count / 2)
    start = text[:LOOKED_AT]
    if spaced(start):
        found["text.spaced"] = 1
    if len([word for word in leet(start.lower()) if len(word) > 4]) > 1:
        found["text.leet"] = 1
    if not text.isascii():
        if len(INVISIBLE.findall(text)) > 3 and INVISIBLE.search(text.strip()):
            found["text.invisible"] = 1
        if is_mixed(text):
            found["text.mixed"] = 1
    latin = [word for word in words if word.isascii() and word.isalpha()]
    if len(latin) > 40 and sum(word in COMMON for word in latin) * 7 < len(latin):
        found["text.salad"] = 1
    made_up = random_among({word for word in words if len(word) > 5 and word.isascii()})
    if made_up > 2 and made_up * 40 > count:
        found["text.gibberish"] = 1
    tail = _CODE_END.search(text[-200:].rstrip())
    if tail and is_random(tail[1].replace(" ", "").lower()):
        found["text.code"] = 1


def _speech(found: Amounts, mail: Mail, text: str, words: list[str]) -> None:
    plain = "\n".join(mail.texts).replace("\r\n", "\n")
    whole = (plain or text)[:LOOKED_AT]
    start = text[:LOOKED_AT]
    lowered = start.lower()
    marks = {
        "text.money": _MONEY.is_in(lowered),
        "text.millions": bool(_LONG_NUMBER.search(start)) or _MILLIONS.is_in(lowered),
        "text.percent": _PERCENT.is_in(start),
        "text.phone": bool(_LIKE_PHONE.search(start)) and bool(_PHONE.search(_LINK.sub(" ", start))),
        "text.quoted": any(mark in whole for mark in _QUOTING) and bool(_QUOTED.search(whole)),
        "text.signed": bool(_SIGNED.search(plain)),
        "text.pgp": any(mark in f"\n{plain}" for mark in _PGP)
        or any("pgp" in kind for part in mail.files for kind in part.types),
        "text.technical": _is_technical(whole),
        "text.wallet": bool(_WALLET.search(start)),
    }
    found.update({name: 1.0 for name, is_there in marks.items() if is_there})
    address = address_of(mail.first("to"))
    if len(address) > 6 and address in text.lower():
        found["text.to_you"] = 1
    local = address.partition("@")[0].split(".")[0]
    if len(local) > 2 and local in words[:12] and "text.to_you" not in found:
        found["text.greets"] = 1


def _is_technical(text: str) -> bool:
    found = len(_FILE_OF_PROGRAM.findall(text))
    for line in text.split("\n"):
        if found > 2:
            break
        found += _TECHNICAL.match(line) is not None
    return found > 2


def _files(found: Amounts, mail: Mail, words: list[str]) -> None:
    if not mail.files:
        return
    kinds = [(part, part.types[0] if part.types else "", _ending(part)) for part in mail.files]
    marks = {
        "file.picture": any(kind.startswith("image/") for _, kind, _ in kinds) and len(words) < 60,
        "file.document": any(end.endswith(_DOCUMENTS) for _, _, end in kinds),
        "file.archive": any(end.endswith(_ARCHIVES) for _, _, end in kinds),
        "file.program": any(end.endswith(_PROGRAMS) for _, _, end in kinds),
        "file.page": any(end.endswith(_PAGES) or kind == "text/html" for _, kind, end in kinds),
        "file.calendar": any("calendar" in kind for _, kind, _ in kinds),
        "file.alone": len(words) < 8,
    }
    found.update({name: 1.0 for name, is_there in marks.items() if is_there})


def _ending(part: Part) -> str:
    return part.untrusted_names[0][-200:].lower().strip(" .\"'") if part.untrusted_names else ""


def _wrapped(found: Amounts, mail: Mail) -> None:
    """Text that needs no base64 and has it: filters that read octets would not see it."""
    for part in mail.parts:
        kind = part.types[0] if part.types else "text/plain"
        if kind in ("text/plain", "text/html") and "base64" in part.encodings and part.readings:
            content = part.readings[0].content
            if not part.dispositions and content[:4000].isascii() and content.strip():
                found["html.encoded"] = 1
