"""What the classifier that learns is given of a message, hashed: runs of its text, words, runs of its header, its way.

Two halves: text, words and header tell what a message is, wherever it is read, and are what the shipped model weighs.
So they leave out what the last hops added and what names the reader: learnt once for all, it would tell where a corpus
was collected. Route, hops, readers and authors say much, but at one site only: they are for what a virtual system is
taught of its own mail. What other filters wrote is in neither half, and of dates only their form is kept.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from mailock.core.classify.hashing import grams, packed, salt, words
from mailock.core.classify.seen import MOST, Seen
from mailock.engines.spam.heads import Amounts, domain_of, name_of
from mailock.engines.spam.links import Leads, tokens
from mailock.engines.spam.mail import Mail
from mailock.engines.spam.pages import Page
from mailock.engines.spam.wording import folded, words_of
from mailock.engines.suffixes import place

TEXT_OCTETS: Final = 2500
HEAD_OCTETS: Final = 900
MARKUP: Final = 800
_TEXT, _HEAD, _WORD, _SUBJECT, _SITE, _TAG, _ROUTE, _NAME, _HOP, _READER, _AUTHOR = map(
    salt, ("text", "head", "word", "subject", "site", "tag", "route", "name", "hop", "reader", "author")
)
_LEARNT: Final = (
    "from",
    "reply-to",
    "subject",
    "x-mailer",
    "user-agent",
    "content-type",
    "mime-version",
    "organization",
    "message-id",
    "to",
    "content-transfer-encoding",
    "x-priority",
    "importance",
    "x-mimeole",
    "thread-index",
    "sender",
    "list-unsubscribe",
    "list-id",
    "precedence",
    "auto-submitted",
    "content-language",
    "accept-language",
)
"""Fields of the author's own making, in the order in which they are read. No other field is learnt."""
_DIGITS: Final = re.compile(r"\d+")
_IP: Final = re.compile(r"\[(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}\]")
_HOST: Final = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,12}")
_LONGEST_HOP: Final = 500
_MOST_HOPS: Final = 8
_HOP_WORD: Final = re.compile(r"[a-z0-9.-]{3,60}")
_WIDE: Final = re.compile(r"(\d+\.\d+)\.\d+\.\d+")
_BEHIND: Final = 8
"""Words of a hop that say who took it, and how."""
_FIGURES: Final = str.maketrans("123456789", "000000000")
_PARTY: Final = re.compile(r"[\w.+=-]{1,80}@[\w.-]{1,200}")
_READERS: Final = ("to", "cc", "return-path")
_AUTHORS: Final = ("from", "reply-to", "sender")
_MOST_PARTIES: Final = 10
"""Addresses of one field."""
_RECIPIENT: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")


def seen(mail: Mail, page: Page, leads: Leads, text: str, spoken: list[str], amounts: Amounts) -> Seen:
    """The document of a message; `text` is what is shown, `spoken` its folded words."""
    squeezed = " ".join(text[: TEXT_OCTETS * 2].split()).lower().encode("utf-8", "replace")[:TEXT_OCTETS]
    learnt = words(dict.fromkeys(spoken[:500]), _WORD)
    learnt |= words(words_of(folded(mail.first("subject"))), _SUBJECT)
    learnt |= words(words_of(folded(name_of(mail.first("from")))), _NAME)
    learnt |= words(tokens(leads), _SITE)
    learnt |= words(_tags(page), _TAG)
    learnt |= words(_shapes(mail), _NAME)
    head = _head(mail).encode("utf-8", "replace")[:HEAD_OCTETS]
    return Seen(
        traits=amounts,
        features={
            "text": packed(grams(squeezed, _TEXT), MOST),
            "words": packed(learnt, MOST),
            "head": packed(grams(head, _HEAD), MOST),
            "route": packed(words(_route(mail), _ROUTE), MOST),
            "hops": packed(words(_hops(mail), _HOP), MOST),
            "readers": packed(words(_readers(mail), _READER), MOST),
            "authors": packed(words(_parties(mail, _AUTHORS), _AUTHOR), MOST),
        },
    )


def _tags(page: Page) -> Iterator[str]:
    """Pairs of tags that follow each other, in the beginning of the page."""
    names = page.markup[: MARKUP * 6].split()[:MARKUP]
    return map(" ".join, pairwise(names))


def _head(mail: Mail) -> str:
    """The author's own fields; of those to whom it goes, only how they are written."""
    told = []
    for name in _LEARNT:
        for field in mail.header:
            if field.name != name:
                continue
            value = field.untrusted_value[:160]
            if name == "to":
                value = _RECIPIENT.sub("@", value)[:60]
            elif name == "message-id":
                value = _DIGITS.sub("0", value)
            told.append(f"{name[:6]}:{value}")
            break
    return "\n".join(told)


def _shapes(mail: Mail) -> Iterator[str]:
    """The fields of the author's making in their order, and the form of the date and of the Message-ID."""
    names = [field.name for field in mail.header if field.name in _ORDERED]
    for one, next_ in pairwise(names):
        yield f"order {one} {next_}"
    date = _DIGITS.sub("0", mail.first("date"))[:40]
    yield "date " + re.sub(r"[A-Za-z]{3}", "A", date)
    zone = re.search(r"[+-]\d{4}", mail.first("date"))
    yield "zone " + (zone[0] if zone else "")
    identifier = re.sub(r"[A-Z]+", "A", re.sub(r"[a-z]+", "a", _DIGITS.sub("0", mail.first("message-id")[:90])))
    yield "id " + identifier[:40]
    yield "types " + " ".join(part.types[0] for part in mail.parts[:6] if part.types)
    yield "charset " + " ".join(charset for part in mail.parts[:3] for charset in part.charsets[:1])


_ORDERED: Final = frozenset(_LEARNT) | {"date", "cc", "references", "in-reply-to"}


def _hops(mail: Mail) -> Iterator[str]:
    """The words of its hops: who handed it over, from which network, and how it was taken."""
    for hop in mail.all("received")[:_MOST_HOPS]:
        lowered = hop[:_LONGEST_HOP].lower()
        before, _, behind = lowered.partition(" by ")
        for word in _HOP_WORD.findall(before):
            yield f"b {word}"
        for word in _HOP_WORD.findall(behind.partition(";")[0].translate(_FIGURES))[:_BEHIND]:
            yield f"a {word}"
        for network in _WIDE.findall(lowered):
            yield f"n {network}"


def _readers(mail: Mail) -> Iterator[str]:
    """To whom it went, and where its reports go: some addresses get hardly anything that is wanted."""
    for party in _parties(mail, _READERS):
        yield party
        name, _, address = party.partition(" ")
        yield f"{name} @{address.partition('@')[2]}"


def _parties(mail: Mail, names: tuple[str, ...]) -> Iterator[str]:
    """The addresses in some fields, each behind the name of its field."""
    for name in names:
        for value in mail.all(name):
            for address in _PARTY.findall(value.lower())[:_MOST_PARTIES]:
                yield f"{name} {address}"


def _route(mail: Mail) -> Iterator[str]:
    """Where it came through: the networks and sites of its hops, and the author's domain."""
    for hop in mail.all("received")[:8]:
        before, _, behind = hop[:_LONGEST_HOP].lower().partition(" by ")
        for match in _IP.finditer(f"{before} {behind}"):
            yield f"net {match[1]}"
        for name in _HOST.findall(before)[:3]:
            yield f"hop {place(name)}"
    yield f"author {domain_of(mail.first('from'))}"
