"""A sign: one thing about a letter that speaks for or against it."""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Group(Enum):
    """What a sign is about. A lure takes signs of several groups."""

    IDENTITY = "who it says it is from"
    PLACE = "where it leads"
    WISH = "what it wants"
    PRESSURE = "how it presses"
    DISGUISE = "what it hides"


KINDS: Final = {
    "impersonation.brand": "A sender with the name of a brand, who does not write from the brand's domain.",
    "impersonation.lookalike": "A domain that passes for another by letters that look alike, or one more or less.",
    "impersonation.cousin": "A domain that has the name of a brand, a partner or ours within it.",
    "impersonation.person": "A sender with the name of a protected person, from an address that is not that person's.",
    "impersonation.recipient": "A sender who names himself after the recipient's own address or domain.",
    "impersonation.named_address": "A sender whose name is an address of another domain than he writes from.",
    "impersonation.free_mail": "A sender with the name of an office or a business, at a free mail provider.",
    "impersonation.reply_to": "An answer that would go to another domain than the message says it comes from.",
    "impersonation.thread": "A message that says it is an answer, and to none.",
    "lure.text": "Words that phishing and fraud use.",
    "lure.payment": "Words that want money to go another way: new bank details, gift cards.",
    "lure.urgency": "Words that press the reader.",
    "lure.no_name": "A greeting that names nobody.",
    "lure.place": "A link to a place where anybody may put a page, to an address, or under a cheap suffix.",
    "lure.leads_elsewhere": "A link that shows one domain, or a sender who has one, and leads to another.",
    "lure.addressed": "A link that carries the recipient's address.",
    "lure.disguise": "Words written with letters of other scripts, or with letters that nobody sees inside.",
    "lure.attached_page": "A page for the browser that came as a file.",
    "lure.picture": "A message that is a picture with a link, and hardly any text.",
    "lure.wallet": "An address of a cryptocurrency to pay to.",
    "phishing.lure": "Several signs together that make a lure: who it says it is, where it leads, and what it wants.",
}


@dataclass(frozen=True, slots=True)
class Sign:
    """One of them."""

    kind: str
    group: Group
    weight: float
    says: str
    """A sentence, of which whatever it quotes is cut and printable."""
