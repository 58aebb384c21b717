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
_DOUBTFUL: Final = frozenset(
    (
        "link.cheap",
        "link.hosting",
        "link.number",
        "link.broken_site",
        "link.short",
        "link.random",
        "link.brand",
        "link.recipient",
        "link.ipfs",
        "link.deep",
        "from.brand",
        "link.says_other",
        "link.sign_in",
    )
)
_FALSE: Final = (_DOUBTFUL - {"link.random", "link.deep", "link.recipient"}) | {
    "from.free",
    "from.name_other_address",
    "from.odd_domain",
    "reply.elsewhere",
    "html.form",
    "file.page",
    "file.program",
    "text.mixed",
    "text.invisible",
}
"""What no service does that asks to confirm an address."""
_WANTED: Final = ("thread", "list", "list.unsubscribe", "esp", "text.quoted", "bounce")


def acting(amounts: Amounts) -> None:
    """Adds them."""
    asked = any(name in amounts for name in _WANTED)
    lured = _most(amounts, _LURES)
    if "link.elsewhere" in amounts and not asked and lured >= 1.0:
        amounts["act.lure"] = min(1.5, lured / 2)
    if lured >= 1.0 and not asked and not _DOUBTFUL.isdisjoint(amounts):
        amounts["act.lure_doubtful"] = min(2.0, lured)
    if _confirms(amounts):
        amounts["act.confirms"] = 1
    if {"link.own", "id.own"} <= amounts.keys() and _DOUBTFUL.isdisjoint(amounts):
        amounts["act.aligned"] = 1
    if "link.own" in amounts and _DOUBTFUL.isdisjoint(amounts.keys() - {"link.sign_in", "link.random", "link.deep"}):
        if "text.long" in amounts:
            amounts["act.publisher"] = 1
        if "say.footer" in amounts:
            amounts["act.mailing"] = 1
    if "file.page" in amounts and not asked:
        amounts["act.lure_page"] = 1
    if "link.none" not in amounts and not asked and _most(amounts, _TRADE) >= 1.5:
        amounts["act.sells"] = _most(amounts, _TRADE) / 2
    away = "reply.free" in amounts or "from.free" in amounts or "reply.elsewhere" in amounts
    if away and "link.elsewhere" not in amounts and not asked and _most(amounts, _MONEY) >= 1.5:
        amounts["act.asks"] = _most(amounts, _MONEY) / 2


def _confirms(amounts: Amounts) -> bool:
    """Whether it asks what every service asks of a new address: at its own site, and threatening nothing."""
    if amounts.get("say.confirm", 0.0) < 1.0 or "link.own" not in amounts:
        return False
    threatened = max(amounts.get("say.account", 0.0), amounts.get("say.mailbox", 0.0))
    return threatened < 1.5 and _FALSE.isdisjoint(amounts)


def _most(amounts: Amounts, names: tuple[str, ...]) -> float:
    return max((amounts.get(name, 0.0) for name in names), default=0.0)
