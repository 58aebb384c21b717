"""The settings of what is known before a message is read: lists of people and of the DNS, manners, history."""

from dataclasses import dataclass
from enum import Enum

from mailock.config.judgement import Day, prefix
from mailock.config.names import domain, plain_name
from mailock.config.setting import required, setting
from mailock.config.units import Duration
from mailock.core.reputation import rules as core
from mailock.core.reputation.dns_lists import Asks, read_code
from mailock.core.reputation.dns_lists import DnsList as CompiledList
from mailock.core.reputation.entries import read_entry
from mailock.core.reputation.greylist import Greylisting as CompiledGreylisting
from mailock.core.reputation.manners import Sign
from mailock.core.routing.limits import Rate


def what(text: str) -> str:
    """A source or a sender, in its one spelling."""
    return read_entry(text).what


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An entry of a list: sources and senders that were agreed on; `mailock list` adds others without an install."""

    what: tuple[str, ...] = required(
        'Addresses, networks, domains and senders: "198.51.100.0/24", "example.com", "*.example.com", '
        '"user@example.com".',
        parse=what,
        example='["198.51.100.0/24", "example.com"]',
    )
    because: str = setting("", "Why; the log repeats it.", parse=prefix)
    until: Day | None = setting(None, "The last day on which it counts.", example="2099-12-31")
    system: str | None = setting(
        None,
        "The virtual system for whose recipients alone it counts; without it, for everybody's.",
        parse=plain_name,
        example='"NAME"',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listings:
    """The allow and block lists of the policy. An allow entry counts for a sender who is authenticated, or for a
    source; it lifts spam, and nothing worse. A block entry refuses a source, or a sender in the envelope, and keeps
    mail whose From field names the sender.
    """

    allow: tuple[Listed, ...] = setting(())
    block: tuple[Listed, ...] = setting(())


def code(text: str) -> str:
    """Answers of a list, and what they weigh."""
    return read_code(text, 0.0).text


class EarlyTalkers(Enum):
    """What becomes of a client that speaks before it is greeted."""

    WEIGH = "weigh"
    """It counts against its mail, and makes the source suspicious."""
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsList:
    """A list in the DNS (DNSBL, DNSWL), asked about outside sources. Many answer only a DNS server of your own."""

    zone: str = required("Its zone.", parse=domain, example='"list.example.net"')
    lists: Asks = setting(
        Asks.SOURCE, "What it knows: addresses of clients, or domains of senders, clients' names and links."
    )
    weight: float = setting(
        4.0,
        "What an answer weighs in the score of spam; below zero it vouches for whoever is on it.",
        minimum=-20,
        maximum=20,
    )
    codes: tuple[str, ...] = setting(
        (),
        "The answers that count, and what each weighs where it is not `weight`; without any, all do.",
        parse=code,
        example='["127.0.0.[2..3]=6", "127.0.0.[10;11]=2"]',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaping:
    """What a suspicious source may have: one that is listed, speaks early, or sent mostly unwanted mail."""

    enabled: bool = setting(True, "Whether it is slowed down.")
    connections: int = setting(3, "Connections at once.", minimum=1, maximum=100_000)
    message_rate: int = setting(30, "Messages a minute.", minimum=1, maximum=1_000_000)
    recipients: int = setting(20, "Recipients of one message.", minimum=1, maximum=100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Greylisting:
    """Greylisting: the first try of a stranger is put off with 450, and whoever comes again is let in."""

    enabled: bool = setting(False, "Whether it is on.")
    delay: Duration = setting(Duration(300), "How long after the first try another one is let in.")
    window: Duration = setting(Duration(2 * 86_400), "How long the first try is remembered.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reputation:
    """What is known of outside sources before a message is read. None of it is asked of internal or authenticated ones,
    of private addresses, or of a source on the allow list.
    """

    refuse_from: float = setting(
        10.0,
        "The sum of what lists of sources weigh, from which on a source is refused; 0: never.",
        minimum=0,
        maximum=1000,
    )
    suspicious_from: float = setting(
        3.0, "The same sum, from which on a source is suspicious.", minimum=0.1, maximum=1000
    )
    patience: Duration = setting(
        Duration(3), "How long after it connected a client waits at MAIL for the lists, at most."
    )
    greeting_delay: Duration = setting(
        Duration(2),
        "How long a source without a good history waits for its greeting, so that early talkers show; 0s: not.",
    )
    early_talkers: EarlyTalkers = setting(
        EarlyTalkers.WEIGH, "What becomes of a client that speaks before its greeting."
    )
    ignore: tuple[Sign, ...] = setting((), "Signs of bad manners that do not count.", example='["helo-unqualified"]')
    history: bool = setting(True, "Whether what a network or a proven author sent us before counts, a little.")
    dns: tuple[DnsList, ...] = setting(())
    shaping: Shaping = setting(Shaping())
    greylisting: Greylisting = setting(Greylisting())


def compile_reputation(settings: Reputation) -> core.Reputation:
    """The settings as the core has them."""
    shaping, greylisting = settings.shaping, settings.greylisting
    return core.Reputation(
        lists=tuple(
            CompiledList(
                zone=one.zone,
                asks=one.lists,
                weight=one.weight,
                codes=tuple(read_code(text, one.weight) for text in one.codes),
            )
            for one in settings.dns
        ),
        refuse_from=settings.refuse_from or float("inf"),
        suspicious_from=settings.suspicious_from,
        patience=settings.patience.seconds,
        greeting_delay=settings.greeting_delay.seconds,
        refuse_early_talkers=settings.early_talkers is EarlyTalkers.REFUSE,
        ignored=frozenset(settings.ignore),
        history=settings.history,
        shaping=core.Shaping(
            enabled=shaping.enabled,
            connections=shaping.connections,
            messages=Rate(shaping.message_rate, 60.0),
            recipients=shaping.recipients,
        ),
        greylisting=CompiledGreylisting(
            enabled=greylisting.enabled, delay=greylisting.delay.seconds, window=greylisting.window.seconds
        ),
    )
