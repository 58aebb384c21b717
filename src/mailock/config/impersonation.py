"""The settings of [impersonation]: whom senders may not pass for."""

from dataclasses import dataclass

from mailock.config.askings import pattern_text
from mailock.config.names import domain, plain_name
from mailock.config.setting import required, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedPerson:
    """Somebody whose name others use to be believed: who heads the company, who pays its bills."""

    name: str = required("The name, as it stands before an address.", parse=plain_name, example='"Anna Berger"')
    addresses: tuple[str, ...] = setting(
        (),
        "The addresses that are that person's; the name before any other is held against the message.",
        parse=pattern_text,
        example='["anna@example.com", "anna.berger@example.net"]',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedBrand:
    """A brand that your people trust, besides the hundred and more that are known."""

    name: str = required("The name, as senders write it.", parse=plain_name, example='"Example Bank"')
    domains: tuple[str, ...] = setting(
        (), "The domains that are truly the brand's.", parse=domain, example='["examplebank.com"]'
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Impersonation:
    """Senders who pass for others, and lures. It works where Anti-Spam is on, and weighs for the class of mail alone.

    Your own domains need not be listed: they are those that forwarding rules name.
    """

    enabled: bool = setting(True, "Whether it is on, where Anti-Spam is.")
    remember: bool = setting(
        True,
        "Whether it is remembered with whom your people correspond, so that who passes for one of them is known.",
    )
    partners: tuple[str, ...] = setting(
        (),
        "Domains of partners: a domain that looks like one of them is held against a message.",
        parse=domain,
        example='["partner.example"]',
    )
    person: tuple[ProtectedPerson, ...] = setting(())
    brand: tuple[ProtectedBrand, ...] = setting(())
