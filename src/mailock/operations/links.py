"""The links of the user side: where they lead, and what signs them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailock.core.mail.signed import Key
from mailock.core.notices.passes import Pass, write_pass
from mailock.core.rewriting.clicklinks import Click, rewritten
from mailock.core.rewriting.edits import GuardLink, ReplaceLink

QUARANTINE = "/quarantine"
CLICK = "/click"


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """`url`: how browsers reach the portal, without a slash at its end."""

    url: str
    keys: Callable[[], Sequence[Key]]

    def quarantine(self, system: str, recipient: str, until: float) -> str:
        """The page of somebody's quarantine."""
        made = Pass(system=system, recipient=recipient, until=int(until))
        return f"{self.url}{QUARANTINE}/{write_pass(made, self.keys())}"

    def guarded(self, link: GuardLink, system: str, until: float) -> ReplaceLink:
        """The order to have a link ask us first."""
        click = Click(url=link.untrusted_url, recipient=link.recipient, system=system, until=int(until))
        return rewritten(link, click, self.keys(), f"{self.url}{CLICK}")
