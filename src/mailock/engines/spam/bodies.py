"""Traits of the text and of the files: how it is spelled and laid out, how much there is, what comes with it."""

import re
from typing import Final

from mailock.core.mime.part import Part
from mailock.engines.spam.heads import Amounts, address_of
from mailock.engines.spam.mail import Mail
from mailock.engines.spam.manners import manners
from mailock.engines.spam.pages import Page
from mailock.engines.spam.wording import COMMON, INVISIBLE, is_mixed, is_random, leet, random_in, spaced

LOOKED_AT: Final = 3500
"""Characters in which forms are sought."""
_MONEY: Final = re.compile(r"[$£€]\s?\d")
_MONEY_SPOKEN: Final = re.compile(r"(?:usd|eur|gbp)\s?\d|\d\s?(?:usd|eur|dollars|euros?)\b")
_MILLIONS: Final = re.compile(r"\d[.,]\d{3}[.,]\d{3}")
_MILLIONS_SPOKEN: Final = re.compile(r"million(?:s|en|es|i)?\b.{0,20}(?:dollar|usd|euro|pound|u\.?s)")
_PERCENT: Final = re.compile(r"\d\s?%")
_PHONE: Final = re.compile(
    r"[+(0-9](?:(?<=\+)\d|(?<=1)[-. ]?8\d\d[-. ]|(?<=\()\d{3}\)\s?\d{3}[-. ]?\d{4}|(?<=\d)\d\d[-.]\d{3}[-.]\d{4}\b)"
)
_PGP: Final = ("-----BEGIN PGP ", "\nVersion: GnuPG")
_WALLET: Final = re.compile(
    r"(?<![^\s:(])(?:bc1[a-z0-9]{20,60}|[13][a-km-zA-HJ-NP-Z1-9]{26,34}|0x[0-9a-fA-F]{40}|T[A-Za-z1-9]{33})\b"
)
_SHORTEST_WALLET: Final = 23
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
    start = text[:LOOKED_AT]
    spelled = start.split()
    shouted = sum(len(word) > 2 for word in spelled if word.isupper())
    if shouted > 8 and shouted * 4 > len(spelled):
        found["text.shout"] = 1
    cries = text.count("!")
    if cries > 2 and cries * 50 > count:
        found["text.exclaim"] = min(2.0, cries * 50 / count / 2)
    if spaced(start):
        found["text.spaced"] = 1
    # Words of letters alone are most of a text, and none of them is meant.
    if len(leet(" ".join(word for word in spelled if not word.isalpha()).lower())) > 1:
        found["text.leet"] = 1
    if not text.isascii():
        if len(INVISIBLE.findall(text)) > 3 and INVISIBLE.search(text.strip()):
            found["text.invisible"] = 1
        if is_mixed(text):
            found["text.mixed"] = 1
    common = sum(map(COMMON.__contains__, words))
    if len(words) > 40 and common * 7 < len(words):
        latin = sum(word.isascii() and word.isalpha() for word in words)
        if latin > 40 and common * 7 < latin:
            found["text.salad"] = 1
    made_up = random_in({word for word in words if len(word) > 5})
    if made_up > 2 and made_up * 40 > count:
        found["text.gibberish"] = 1
    tail = _CODE_END.search(text[-200:].rstrip())
    if tail and is_random(tail[1].replace(" ", "").lower()):
        found["text.code"] = 1


def _speech(found: Amounts, mail: Mail, text: str, words: list[str]) -> None:
    plain = "\n".join(mail.texts).replace("\r\n", "\n")
    whole = (plain or text)[:LOOKED_AT]
    start = text[:LOOKED_AT]
    quoted, technical = manners(whole)
    marks = {
        "text.money": _names_money(start),
        "text.millions": _names_millions(start),
        "text.percent": "%" in start and bool(_PERCENT.search(start)),
        # Numbers within links are none; and most texts have none at all.
        "text.phone": bool(_PHONE.search(start)) and bool(_PHONE.search(_LINK.sub(" ", start))),
        "text.quoted": quoted,
        "text.signed": "\n-- \n" in plain or plain.startswith("-- \n"),
        "text.pgp": any(one in plain for one in _PGP) or any("pgp" in one for part in mail.files for one in part.types),
        "text.technical": technical > 2,
        "text.wallet": _names_wallet(start),
    }
    found.update({name: 1.0 for name, is_there in marks.items() if is_there})
    address = address_of(mail.first("to"))
    if len(address) > 6 and address in text.lower():
        found["text.to_you"] = 1
    local = address.partition("@")[0].split(".")[0]
    if len(local) > 2 and local in words[:12] and "text.to_you" not in found:
        found["text.greets"] = 1


def _names_money(start: str) -> bool:
    if _MONEY.search(start):
        return True
    lowered = start.lower()
    spoken = any(one in lowered for one in ("usd", "eur", "gbp", "dollars"))
    return spoken and _MONEY_SPOKEN.search(lowered) is not None


def _names_millions(start: str) -> bool:
    if _MILLIONS.search(start):
        return True
    lowered = start.lower()
    return "million" in lowered and _MILLIONS_SPOKEN.search(lowered) is not None


def _names_wallet(start: str) -> bool:
    long = " ".join(word for word in start.split() if len(word) >= _SHORTEST_WALLET)
    return bool(long) and _WALLET.search(long) is not None


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
