"""Whether the allow and block lists make sense together."""

from typing import Final

from mailock.config.findings import Findings
from mailock.config.lines import Path
from mailock.config.model import Policy
from mailock.core.mail.message import DEFAULT_SYSTEM

_SECTIONS: Final = ("allow", "block")


def check_lists(policy: Policy, findings: Findings) -> None:
    """Adds entries that contradict each other, stand there twice, or belong to nobody."""
    if not findings.is_sound(("list",)):
        return
    systems = {DEFAULT_SYSTEM, *(system.name for system in policy.virtual_system)}
    known: dict[tuple[str, str | None], str] = {}
    for section in _SECTIONS:
        for number, listed in enumerate(getattr(policy.list_, section)):
            path: Path = ("list", section, number)
            if not listed.what:
                findings.complain((*path, "what"), "lists nothing: name a source or a sender, or remove the entry")
            if listed.system is not None and listed.system not in systems and findings.is_sound(("virtual_system",)):
                findings.complain((*path, "system"), f'there is no virtual system "{listed.system}"')
            for what in listed.what:
                before = known.setdefault((what, listed.system), section)
                if before != section:
                    findings.complain((*path, "what"), f"{what} is allowed and blocked: remove one of the entries")
