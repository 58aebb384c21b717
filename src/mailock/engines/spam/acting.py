"""Traits that are there only where several others are: an unlucky word alone is none, but with a foreign link it is."""

from typing import Final

from mailock.engines.spam.heads import Amounts

_LURES: Final = (
    "say.account",
    "say.mailbox",
    "say.document",
    "say.parcel",
    "say.refund",
    "say.voice",
    "say.reward",
    "say.crypto",
    "say.renewal",
)
_TRADE: Final = (
    "say.pharmacy",
    "say.enlarge",
    "say.adult",
    "say.replica",
    "say.casino",
    "say.degree",
    "say.software",
    "say.loan",
    "say.slim",
)
_MONEY: Final = ("say.advance", "say.lottery", "say.loan", "say.payroll", "say.work", "say.favour")
_WANTED: Final = ("thread", "list", "list.unsubscribe", "esp", "text.quoted", "bounce")


def acting(amounts: Amounts) -> None:
    """Adds them."""
    asked = any(name in amounts for name in _WANTED)
    if "link.elsewhere" in amounts and not asked and _most(amounts, _LURES) >= 1.5:
        amounts["act.lure"] = _most(amounts, _LURES) / 2
    if "file.page" in amounts and not asked:
        amounts["act.lure_page"] = 1
    if "link.none" not in amounts and not asked and _most(amounts, _TRADE) >= 1.5:
        amounts["act.sells"] = _most(amounts, _TRADE) / 2
    away = "reply.free" in amounts or "from.free" in amounts or "reply.elsewhere" in amounts
    if away and "link.elsewhere" not in amounts and not asked and _most(amounts, _MONEY) >= 1.5:
        amounts["act.asks"] = _most(amounts, _MONEY) / 2


def _most(amounts: Amounts, names: tuple[str, ...]) -> float:
    return max((amounts.get(name, 0.0) for name in names), default=0.0)
