"""The settings of [authentication]: whether the DNS is asked who sent a message, and whether ours is signed."""

from dataclasses import dataclass

from mailock.config.names import Source, domain, plain_name
from mailock.config.setting import required, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedDomains:
    """Domains that are signed for some submitters alone. One that no such section names is signed for all who may send
    from inside. Mail that Mailock writes itself is always signed.
    """

    domains: tuple[str, ...] = required(
        "Domains of authors; those below them are meant too.", parse=domain, example='["example.com"]'
    )
    networks: tuple[Source, ...] = setting(
        (), "Clients for whom it is signed: networks, or names of objects.", example='["10.0.1.0/24"]'
    )
    users: tuple[str, ...] = setting(
        (), "Those for whom it is signed when they signed in, by their names.", parse=plain_name, example='["billing"]'
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """DKIM signatures of ours, the last thing that is done to mail from inside. `mailock key` makes the keys."""

    enabled: bool = setting(
        True,
        "Whether mail from an internal source, from somebody who signed in, and of our own is signed, where a key of "
        "its author's domain is in use; whatever `enabled` of [authentication] says.",
    )
    only: tuple[ReservedDomains, ...] = setting(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """SPF, DKIM, ARC and DMARC of mail from outside: who sent it, as the DNS of its domains says."""

    enabled: bool = setting(True, "Whether it is asked. Without it no sender is proven, and allow lists do nothing.")
    trusted_sealers: tuple[str, ...] = setting(
        (),
        "Domains of forwarders, such as mailing lists, whose word counts on who sent what they changed (ARC).",
        parse=domain,
        example='["lists.example.org"]',
    )
    signing: Signing = setting(Signing())
