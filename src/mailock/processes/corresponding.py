"""Who corresponds with whom, learnt from what was judged: from mail of ours that goes out, and from wanted mail of
senders who proved who they are.
"""

from email.utils import getaddresses
from typing import Final

from mailock.config.looking import told, wants_anti_spam
from mailock.config.model import Policy
from mailock.core.impersonation.acquaintance import marks_of
from mailock.core.lifecycle.copies import Disposition
from mailock.core.mail.envelope import Direction
from mailock.core.mail.shown import header
from mailock.core.policy.case import Case
from mailock.core.policy.decide import Judgement
from mailock.core.verdict.verdict import MailClass, Threat
from mailock.engines.acquaintance.engine import Acquaintance, author
from mailock.engines.suffixes import site
from mailock.ports.clock import Clock
from mailock.ports.correspondents import Correspondents
from mailock.ports.engine import Concluding

MOST_RECIPIENTS: Final = 50
"""Recipients of one message that are learnt: who writes to more does not know them."""
_WANTED: Final = frozenset({MailClass.HAM, MailClass.BULK})


def concluding(policy: Policy, correspondents: Correspondents | None, clock: Clock) -> tuple[Concluding, ...]:
    """The engine, where anti-spam and impersonation are on."""
    if not wants_anti_spam(policy) or not policy.impersonation.enabled:
        return ()
    remembered = correspondents if policy.impersonation.remember else None
    return (Acquaintance(told(policy, "").impersonation, remembered, clock),)


def learn_correspondents(correspondents: Correspondents, case: Case, judgement: Judgement) -> None:
    """Learns from one message. Of bounces and of what we write ourselves nobody learns anything."""
    message, verdict = case.message, judgement.verdict
    if message.own is not None or message.envelope.sender is None or verdict.threat > Threat.UNKNOWN:
        return
    if verdict.mail_class not in _WANTED:
        return
    goes = {one.recipient for one in judgement.decisions if one.disposition is Disposition.DELIVER}
    if message.origin.internal:
        _wrote(correspondents, case, goes)
    elif case.authenticated and goes:
        who = author(message)
        if any(str(one).lower() == who.address for one in case.authenticated):
            correspondents.note(message.virtual_system, who.marks, case.now, wrote=False)


def _wrote(correspondents: Correspondents, case: Case, goes: set[int]) -> None:
    """Somebody of ours wrote to others."""
    message = case.message
    if len(message.envelope.recipients) > MOST_RECIPIENTS:
        return
    named = {
        address.lower(): header(name)
        for name, address in getaddresses([message.glimpse.to, message.glimpse.cc])
        if "@" in address
    }
    for party in case.parties:
        if party.direction is not Direction.OUTGOING or party.number not in goes:
            continue
        address, domain = str(party.address).lower(), party.address.domain
        marks = marks_of(named.get(address, ""), address, site(domain) or domain)
        correspondents.note(message.virtual_system, marks, case.now, wrote=True)
