"""What engines are told before they see any mail: plain values, made from the policy and handed into the jail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpersonationSettings:
    """Whom senders may not pass for. Domains stand in lower case and as A-labels."""

    people: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Names, and the addresses that are theirs."""
    own: tuple[str, ...] = ()
    """Domains of ours."""
    partners: tuple[str, ...] = ()
    """Domains of partners."""
    brands: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Names of brands that policy adds, and the domains that are theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Settings of the engines that work in the jail."""

    hostname: str = ""
    """Our name, by which forged Authentication-Results fields are known."""
    rules_seconds: int = 20
    """How long the YARA rules may take over one content."""
    password_tries: int = 100
    """Passwords that are tried on one archive or document."""
    password_seconds: float = 8.0
    """How long passwords are tried on one archive or document."""
    links: int = 5000
    """Different links of one text or page that are looked at."""
    link_text: int = 8 << 20
    """Characters of one text or page that are read."""
    impersonation: ImpersonationSettings = ImpersonationSettings()
