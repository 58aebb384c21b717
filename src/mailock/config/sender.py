"""The settings of [authentication]: whether the DNS is asked who sent a message, and whether ours is signed."""

from dataclasses import dataclass

from mailock.config.names import domain
from mailock.config.setting import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """DKIM signatures of ours, the last thing that is done to mail from inside. `mailock key` makes the keys."""

    enabled: bool = setting(
        True,
        "Whether mail from an internal source, from somebody who signed in, and of our own is signed, where a key of "
        "its author's domain is in use; whatever `enabled` of [authentication] says.",
    )


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
