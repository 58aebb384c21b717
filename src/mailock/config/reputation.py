"""The settings of what is known before a message is read: the allow and block lists that stand in the policy."""

from dataclasses import dataclass

from mailock.config.judgement import Day, prefix
from mailock.config.names import plain_name
from mailock.config.setting import required, setting
from mailock.core.reputation.entries import read_entry


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
