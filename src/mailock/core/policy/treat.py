"""What a profile asks for, reason by reason: malicious, suspicious, ambiguous, not seen, unwanted.

Every reason that is there gives a proposal; none takes another's place, so that more reasons are never milder than
fewer (DECISIONS 20).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from mailock.core.evidence.examination import Examination
from mailock.core.evidence.finding import Finding, Severity
from mailock.core.evidence.manifest import Duty
from mailock.core.evidence.report import Incomplete, Why
from mailock.core.lifecycle.copies import Disposition
from mailock.core.policy.case import Case, Party
from mailock.core.policy.changes import of_malicious, of_unseen
from mailock.core.policy.profile import FailMode, Profile, Protected, SpamAction
from mailock.core.policy.proposal import Proposal, strictest
from mailock.core.policy.rule import MALICIOUS_RULE
from mailock.core.rewriting.edits import AddText, Edit, PrefixSubject, SetHeader, shown
from mailock.core.verdict.gaps import gaps, unread
from mailock.core.verdict.sentences import files_of, of_finding, of_gap, of_unread
from mailock.core.verdict.verdict import MailClass, Threat, Verdict
from mailock.core.verdict.weigh import PHISHING

UNSCANNED_HEADER: Final = "X-Mailock-Unscanned"
_LIFTED_BY_ALLOW: Final = frozenset({MailClass.BULK, MailClass.SUSPECTED_SPAM, MailClass.SPAM})
_CLASSES: Final = tuple(MailClass)
_TOLD: Final = 8
"""How many findings or gaps one proposal names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What serves one recipient: the profile, under the name of the rule that selected it, and what counts there."""

    case: Case
    party: Party
    profile: Profile
    rule: str
    examination: Examination
    """Less what the rule's exceptions take out."""
    verdict: Verdict
    allowed: str = ""
    """The entry of the allow list that the message has, in words; empty for none."""


def treat(serving: Serving) -> Iterator[Proposal]:
    """What the profile asks for."""
    protected = _protected(serving)
    as_malicious = serving.profile.protected[serving.party.direction] is Protected.MALICIOUS and bool(protected)
    if serving.verdict.threat is Threat.MALICIOUS or as_malicious:
        yield _malicious(serving, protected if as_malicious else ())
    yield from _suspicious(serving)
    yield from _ambiguous(serving)
    for duty in Duty:
        if duty is not Duty.SPAM or serving.profile.anti_spam.enabled:
            yield from _unseen(serving, duty)
    if protected and not as_malicious:
        yield _protected_files(serving, protected)
    yield from _unwanted(serving)


def _malicious(serving: Serving, protected: tuple[Incomplete, ...]) -> Proposal:
    policy = serving.profile.malicious
    grave = [one for one in serving.examination.findings if one.severity is Severity.MALICIOUS]
    because = (*_told(serving, grave), *_gaps_told(serving, protected))
    disposition, edits = policy.disposition, tuple[Edit, ...]()
    if disposition in (Disposition.QUARANTINE, Disposition.REJECT) and policy.changes.remove:
        # Whoever lets it go lets it go without what was found, unless he says otherwise.
        edits = of_malicious(serving.examination, serving.verdict, policy.changes) or ()
    if disposition is Disposition.DELIVER:
        changed = of_malicious(serving.examination, serving.verdict, policy.changes)
        unseen = of_unseen(serving.examination, protected, policy.changes) if policy.changes.remove else ()
        if changed is None or unseen is None:
            disposition = Disposition.QUARANTINE
            because = (*because, "it may be delivered with changes, but what is malicious cannot be taken out of it")
        else:
            edits = (*unseen, *changed)
    return Proposal(
        disposition=disposition,
        rule=MALICIOUS_RULE,
        because=because,
        quarantine_class="malware",
        edits=edits,
        sealed=policy.changes.sealed,
        copies_to=policy.copies_to,
    )


def _suspicious(serving: Serving) -> Iterator[Proposal]:
    profile = serving.profile
    # What is malicious has a policy of its own, which may let it through without what was found; and so has phishing.
    found = [
        one
        for one in serving.examination.findings
        if one.severity is Severity.SUSPICIOUS and not one.kind.startswith(PHISHING)
    ]
    if any(one.confidence >= profile.suspicious_from for one in found):
        because = _told(serving, found)
        yield Proposal(
            disposition=profile.suspicious, rule=serving.rule, because=because, quarantine_class="suspicious"
        )
    elif found:
        least = profile.suspicious_from.name.lower()
        why = f"it is suspicious, but no engine says so with {least} confidence, from which on it would be kept"
        yield Proposal(disposition=Disposition.DELIVER, rule=serving.rule, because=(why, *_told(serving, found)))


def _ambiguous(serving: Serving) -> Iterator[Proposal]:
    files = files_of(serving.examination)
    because = tuple(of_unread(one, files) for one in unread(serving.examination))[:_TOLD]
    if because:
        yield Proposal(
            disposition=serving.profile.ambiguous,
            rule=serving.rule,
            because=because,
            quarantine_class="ambiguous",
        )


def _unseen(serving: Serving, duty: Duty) -> Iterator[Proposal]:
    """What the fail mode asks for, where something that was due was not seen."""
    found = gaps(serving.examination, serving.case.duties, duty)
    unseen = tuple(gap for gap in found if gap.why not in (Why.ENCRYPTED, Why.EXCLUDED))
    if not unseen:
        return
    mode = serving.profile.fail[serving.party.direction, duty]
    because = _gaps_told(serving, unseen)
    which = f"{serving.party.direction.value} mail that engines for {duty.value} did not see"
    match mode:
        case FailMode.OPEN:
            why = f"{which} is delivered (fail-open)"
            yield Proposal(disposition=Disposition.DELIVER, rule=serving.rule, because=(*because, why))
        case FailMode.HOLD:
            why = f"{which} is held"
            yield Proposal(disposition=Disposition.HOLD, rule=serving.rule, because=(*because, why))
        case FailMode.CLOSE:
            yield _closed(serving, (*because, f"{which} is kept (fail-close)"))
        case FailMode.STRIP:
            edits = of_unseen(serving.examination, unseen, serving.profile.malicious.changes)
            if edits is None:
                why = f"{which} is delivered without the parts in question, but the message itself is in question"
                yield _closed(serving, (*because, why))
                return
            why = f"{which} is delivered without the parts in question"
            yield Proposal(disposition=Disposition.DELIVER, rule=serving.rule, because=(*because, why), edits=edits)
        case never:
            assert_never(never)


def _closed(serving: Serving, because: tuple[str, ...]) -> Proposal:
    return Proposal(
        disposition=Disposition.QUARANTINE, rule=serving.rule, because=because, quarantine_class="unscanned"
    )


def _protected(serving: Serving) -> tuple[Incomplete, ...]:
    """Files that nobody could open for want of a password."""
    found = (gap for duty in Duty for gap in gaps(serving.examination, serving.case.duties, duty))
    return tuple(gap for gap in found if gap.why is Why.ENCRYPTED)


def _protected_files(serving: Serving, protected: tuple[Incomplete, ...]) -> Proposal:
    mode = serving.profile.protected[serving.party.direction]
    because = _gaps_told(serving, protected)
    if mode is Protected.QUARANTINE:
        return Proposal(
            disposition=Disposition.QUARANTINE,
            rule=serving.rule,
            because=(*because, "files that a password protects are kept"),
            quarantine_class="encrypted",
        )
    edits: tuple[Edit, ...] = ()
    if mode is Protected.NOTE:
        text = AddText(text=serving.profile.protected_text, place=serving.profile.note_place)
        edits = (SetHeader(name=UNSCANNED_HEADER, value=Why.ENCRYPTED.value), text)
    why = "files that a password protects are delivered" + (" with a note" if edits else "")
    return Proposal(disposition=Disposition.DELIVER, rule=serving.rule, because=(*because, why), edits=edits)


def _unwanted(serving: Serving) -> Iterator[Proposal]:
    """What the class of mail asks for. A worse class is never treated more mildly than one before it."""
    settings, mail_class = serving.profile.anti_spam, serving.verdict.mail_class
    if not settings.enabled or mail_class is MailClass.HAM:
        return
    score = f"it counts as {mail_class.value} with a score of {serving.verdict.score:.1f}"
    if serving.allowed and mail_class in _LIFTED_BY_ALLOW:
        why = f"{score}, but {serving.allowed}"
        yield Proposal(disposition=Disposition.DELIVER, rule=serving.rule, because=(why,))
        return
    actions = {
        MailClass.BULK: settings.bulk,
        MailClass.SUSPECTED_SPAM: settings.suspected,
        MailClass.SPAM: settings.spam,
        MailClass.PHISHING: settings.phishing,
    }
    reached = [actions[one] for one in _CLASSES[1 : _CLASSES.index(mail_class) + 1]]
    disposition = strictest(action.disposition for action in reached)
    edits = _flags(actions[mail_class], serving.verdict)
    flagged = " and ".join(shown(edit).rstrip() for edit in edits) if disposition is Disposition.DELIVER else ""
    yield Proposal(
        disposition=disposition,
        rule=serving.rule,
        because=(f"{score}, for which anti-spam says {disposition.value}{' with ' if flagged else ''}{flagged}",),
        quarantine_class="phishing" if mail_class is MailClass.PHISHING else "spam",
        edits=edits,
        detect_only=settings.detect_only,
        track=actions[mail_class].track,
    )


def _flags(action: SpamAction, verdict: Verdict) -> tuple[Edit, ...]:
    edits: list[Edit] = []
    if action.header:
        edits.append(SetHeader(name=action.header, value=f"{verdict.mail_class.value}; score={verdict.score:.1f}"))
    if action.subject_prefix:
        edits.append(PrefixSubject(text=action.subject_prefix))
    return tuple(edits)


def _told(serving: Serving, found: list[Finding]) -> tuple[str, ...]:
    files = files_of(serving.examination)
    surest = sorted(found, key=lambda one: -one.confidence)
    more = (f"and {len(found) - _TOLD} more",) if len(found) > _TOLD else ()
    return (*(of_finding(one, files) for one in surest[:_TOLD]), *more)


def _gaps_told(serving: Serving, missed: tuple[Incomplete, ...]) -> tuple[str, ...]:
    files = files_of(serving.examination)
    more = (f"and {len(missed) - _TOLD} more",) if len(missed) > _TOLD else ()
    return (*(of_gap(gap, files) for gap in missed[:_TOLD]), *more)
