"""Weighs a letter: its signs, and whether together they make a lure.

No sign of its own makes a lure: newsletters press, banks write of accounts, lists change addresses, and shops lead to
places of others. A lure says something false of itself or of where it leads, *and* wants something of its reader.
"""

import re
from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.evidence.quoting import quoted
from mailock.core.impersonation.identity import identity
from mailock.core.impersonation.known import Known
from mailock.core.impersonation.languages import east, english, german, north, romance
from mailock.core.impersonation.leads import leads, strays
from mailock.core.impersonation.letter import MOST_TEXT, Letter
from mailock.core.impersonation.sign import Group, Sign
from mailock.core.impersonation.themes import Lexicon, Theme
from mailock.core.impersonation.wording import Wording, fold
from mailock.core.mime.part import PartPath

LEXICON: Final = Lexicon((english.SIGNS, german.SIGNS, romance.SIGNS, north.SIGNS, east.SIGNS))
LURE: Final = 4.0
"""Weight from which on signs of several groups make a lure."""
ORDERED: Final = 2.0
"""How much more it takes of mail from lists, and of what offers to be left: most of it was ordered."""
_SELF_EVIDENT: Final = frozenset({Theme.EXTORTION, Theme.FUND, Theme.GIFT_CARD, Theme.BANK_CHANGE})
"""What strangers want without any link; the more words say so, the surer."""
_PAYS: Final = frozenset({Theme.BANK_CHANGE, Theme.GIFT_CARD})
"""What strangers begin with who are after money."""
_COMMON: Final = frozenset({Theme.SHARED_FILE, Theme.PAYMENT, Theme.PRIZE, Theme.REFUND, Theme.FAVOUR, Theme.RENEWAL})
"""What honest mail speaks of every day."""
_SIDE: Final = frozenset({Theme.URGENCY, Theme.NO_NAME, Theme.SCAN})
_MANY: Final = 3
_MOST_WISHES: Final = 5.0
"""What all themes of a letter may weigh."""
_EVIDENT: Final = (0.3, 1.0, 2.0, 3.0, 4.0, 5.0)
"""What self-evident themes weigh by the number of different words that speak for them."""
_WALLET: Final = re.compile(
    r"(?:^|[\s:(])(?:bc1[02-9ac-hj-np-z]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9a-fA-F]{40})(?=$|[\s).,;])"
)


def weigh(letter: Letter, known: Known, engine: str, part: PartPath) -> Iterator[Finding]:
    """What there is to say about a letter."""
    wording = fold(f"{letter.subject}\n{letter.text}", MOST_TEXT)
    named = fold("\n".join(one.name for one in letter.authors), 2000)
    signs = [*identity(letter, known), *leads(letter, known, wording.words), *_disguises(letter, wording, named)]
    signs += _wishes(letter, wording, plainly=all(sign.weight < 0.5 for sign in signs))
    for sign in signs:
        yield _finding(engine, part, sign.kind, Severity.NOTE, sign.says, sign.weight)
    yield from _lure(engine, part, signs, LURE + (ORDERED if letter.of_list or letter.unsubscribes else 0.0))


def _lure(engine: str, part: PartPath, signs: list[Sign], least: float) -> Iterator[Finding]:
    weight = sum(sign.weight for sign in signs)
    groups = {sign.group for sign in signs if sign.weight >= 0.5}
    false = {Group.IDENTITY, Group.PLACE, Group.DISGUISE} & groups
    if weight < least or Group.WISH not in groups or not false:
        return
    strongest = sorted(signs, key=lambda sign: -sign.weight)[:3]
    says = "Together these make a lure: " + " ".join(sign.says for sign in strongest)
    yield _finding(engine, part, "phishing.lure", Severity.SUSPICIOUS, says, 3.0)


def _wishes(letter: Letter, wording: Wording, *, plainly: bool) -> Iterator[Sign]:
    """What it wants, which weighs little where nothing about it is false."""
    found = LEXICON.themes(wording)
    wishes = {theme: words for theme, words in found.items() if theme not in _SIDE}
    astray = strays(letter)
    scans = Theme.SCAN in found and letter.pictures > 0
    plainly = plainly and not (letter.pages or letter.password_fields or scans)
    total = 0.0
    for theme, words in sorted(wishes.items(), key=lambda one: -len(one[1])):
        weight = _weight(theme, len(words), astray or bool(letter.pages)) * (0.5 if plainly else 1.0)
        weight = min(weight, max(0.0, _MOST_WISHES - total))
        total += weight
        if weight:
            says = f"It speaks of {theme.value} ({quoted(', '.join(words[:4]), 120)})."
            kind = "lure.payment" if theme in _PAYS else "lure.text"
            yield Sign(kind, Group.WISH, round(weight, 2), says)
    if not wishes:
        return
    if Theme.URGENCY in found:
        words = found[Theme.URGENCY]
        says = f"It presses its reader ({quoted(', '.join(words[:3]))})."
        yield Sign("lure.urgency", Group.PRESSURE, min(0.3 * len(words), 0.9), says)
    if Theme.NO_NAME in found:
        yield Sign(
            "lure.no_name", Group.PRESSURE, 0.7, f"It greets nobody by name ({quoted(found[Theme.NO_NAME][0])})."
        )
    if scans:
        yield Sign("lure.picture", Group.PLACE, 2.2, "It wants a code in a picture to be scanned.")
    if letter.pages:
        yield Sign("lure.attached_page", Group.PLACE, 2.0, "A page for the browser came as a file.")
    if letter.password_fields:
        yield Sign("lure.attached_page", Group.PLACE, 2.0, "It asks for a password in a form of its own.")


def _weight(theme: Theme, words: int, astray: bool) -> float:
    """What a theme weighs by the number of different words that speak for it."""
    if theme in _SELF_EVIDENT:
        return _EVIDENT[min(words, len(_EVIDENT)) - 1]
    most = 1.0 if theme in _COMMON else 2.0
    weight = min(most, 0.3 + 0.4 * min(words, _MANY + 1)) if words > 1 or theme not in _COMMON else 0.2
    return weight if astray else weight / 2


def _disguises(letter: Letter, wording: Wording, named: Wording) -> Iterator[Sign]:
    words = (*named.disguised, *wording.disguised)
    if words:
        says = f"Words are written with letters of other scripts, or hidden ones, such as {quoted(words[0])}."
        yield Sign("lure.disguise", Group.DISGUISE, 3.0 if len(words) > 1 or named.disguised else 1.5, says)
    if wallet := _WALLET.search(letter.text):
        says = f"It names an address of a cryptocurrency, {quoted(wallet[0].strip(' :('), 70)}."
        yield Sign("lure.wallet", Group.PLACE, 1.5, says)


def _finding(engine: str, part: PartPath, kind: str, severity: Severity, says: str, weight: float) -> Finding:
    return Finding(
        engine=engine,
        kind=kind,
        severity=severity,
        confidence=Confidence.MEDIUM,
        part=part,
        evidence=says,
        weight=weight,
    )
