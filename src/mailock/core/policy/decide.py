"""Decides what becomes of a message for each recipient.

Everything that speaks about a recipient is put together: the profile that serves him, the rule that selected it, the
rules on evidence that matched, the lists. What they ask for joins by the strictest; edits add up. Then come the facts
that no rule changes: for a recipient who is only monitored nothing is enforced (DECISIONS 17), a rejection needs a
client that still waits and recipients who agree (DECISIONS 12 and 13), and what we wrote ourselves is not judged
(DECISIONS 15). Where something milder is done than was decided, `would_have` says what was.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from mailock.core.evidence.outline import outline
from mailock.core.lifecycle.copies import Disposition
from mailock.core.lifecycle.events import Outline
from mailock.core.mail.envelope import Direction
from mailock.core.policy.additions import with_additions
from mailock.core.policy.case import Case, Party
from mailock.core.policy.conditions.condition import View
from mailock.core.policy.decision import Decision
from mailock.core.policy.evidence import counting
from mailock.core.policy.frozen import frozen_results, without_forgeries
from mailock.core.policy.guarding import with_guards
from mailock.core.policy.lists import allowing, blocking, pinned
from mailock.core.policy.proposal import Proposal, ordered, rank, strictest
from mailock.core.policy.rule import MALICIOUS_RULE, MTA_RULE, Rule
from mailock.core.policy.rulebase import Rulebase, Selected, select
from mailock.core.policy.track import Track
from mailock.core.policy.treat import Serving, treat
from mailock.core.policy.way import STRAIGHT, joined
from mailock.core.reputation.entries import Effect
from mailock.core.rewriting.edits import Edit, SetHeader
from mailock.core.rewriting.orders import Sealed
from mailock.core.verdict.verdict import Threat, Verdict
from mailock.core.verdict.weigh import weigh

BLOCK_LIST: Final = "block-list"
OURS: Final = "we wrote it ourselves, so its content is not judged"
NOTHING_AGAINST: Final = "nothing speaks against it"
NOT_CLEAN: Final = "nothing was found, and it cannot be called clean"
AFTER_250: Final = "it was to be rejected, which needs a client that still waits: it is kept instead"
NOT_ALL: Final = "it was to be rejected for this recipient, but not for all of them: it is kept instead"
MONITORED: Final = "for this recipient mail is scanned only: nothing is enforced"
_TRACKS: Final = tuple(Track)
_GOES_ON: Final = frozenset({Disposition.DELIVER, Disposition.HOLD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is believed of a message, and what becomes of it."""

    verdict: Verdict
    decisions: tuple[Decision, ...]
    """One for each recipient, in the envelope's order."""
    frozen: bytes = b""
    """The field that tells the next reader who sent it, with its CRLF; it goes before the body of every copy."""
    outline: Outline | None = None
    """What the message consists of, for the log."""


def decide(case: Case, rulebase: Rulebase) -> tuple[Decision, ...]:
    """A decision for each recipient."""
    return judge(case, rulebase).decisions


def judge(case: Case, rulebase: Rulebase) -> Judgement:
    """What is believed, before any rule's exceptions, and what becomes of it."""
    case = replace(case, examination=pinned(case.examination, rulebase.lists.pins, case.now))
    verdict = weigh(case.examination, case.duties, rulebase.default.anti_spam.thresholds)
    if case.message.own is not None:
        return Judgement(verdict=verdict, decisions=tuple(_ours(party) for party in case.parties))
    settled = without_forgeries(case, _settled(case, _asked(case, verdict, rulebase)))
    return Judgement(
        verdict=verdict,
        decisions=with_guards(case, with_additions(case, settled, rulebase.additions), rulebase.guarding),
        frozen=frozen_results(case),
        outline=outline(case.examination),
    )


def _asked(case: Case, verdict: Verdict, rulebase: Rulebase) -> tuple[Decision, ...]:
    """What is asked for each recipient, before what can be done is looked at.

    Recipients of one direction to whom the same rules apply are asked for once: there may be a thousand.
    """
    known: dict[tuple[int, tuple[int, ...], Direction], Decision] = {}
    decisions: list[Decision] = []
    for party in case.parties:
        view = View(case=case, party=party, verdict=verdict, separator=rulebase.separator)
        selected = select(rulebase, view)
        key = id(selected.rule), tuple(map(id, selected.added)), party.direction
        decision = known.get(key)
        if decision is None:
            decision = known[key] = _joined(party, tuple(_proposals(view, selected, rulebase)), verdict)
        decisions.append(replace(decision, recipient=party.number))
    return tuple(decisions)


def _proposals(view: View, selected: Selected, rulebase: Rulebase) -> Iterator[Proposal]:
    yield from treat(_serving(view, selected.rule, rulebase))
    for rule in selected.added:
        if rule.profile is not None:
            yield from treat(_serving(view, rule, rulebase))
    for rule in (*selected.added, *((selected.rule,) if selected.rule else ())):
        if rule.then is not None:
            yield ordered(rule)
    blocked = blocking(view.case, rulebase.lists, rulebase.separator)
    if blocked is not None:
        because = (blocked.told(Effect.BLOCK),)
        yield Proposal(disposition=Disposition.QUARANTINE, rule=BLOCK_LIST, because=because, quarantine_class="spam")


def _serving(view: View, rule: Rule | None, rulebase: Rulebase) -> Serving:
    case = view.case
    profile = (rule.profile if rule else None) or rulebase.default
    excepts = rule.excepts if rule is not None and not rule.on_evidence else frozenset[str]()
    examination = counting(case.examination, excepts, profile.excluded_types)
    allowed = allowing(case, rulebase.lists.allowed, rulebase.separator)
    as_before = (
        examination is case.examination and profile.anti_spam.thresholds == rulebase.default.anti_spam.thresholds
    )
    return Serving(
        case=case,
        party=view.party,
        profile=profile,
        rule=rule.name if rule is not None else MTA_RULE,
        examination=examination,
        verdict=view.verdict if as_before else weigh(examination, case.duties, profile.anti_spam.thresholds),
        allowed=allowed.told(Effect.ALLOW) if allowed else "",
    )


def _joined(party: Party, proposals: tuple[Proposal, ...], verdict: Verdict) -> Decision:
    """All proposals as one: the strictest disposition, every edit, every reason with the strictest's first."""
    counted = [one for one in proposals if not one.detect_only]
    disposition = strictest(one.disposition for one in counted)
    would_have = strictest(one.disposition for one in proposals)
    # A sort keeps the order of equals, so of several reasons that are as strict the first one decides.
    gravest = sorted(counted, key=lambda one: -rank(one.disposition))
    because = [sentence for one in gravest for sentence in one.because]
    because += [f"only detected: {sentence}" for one in proposals if one.detect_only for sentence in one.because]
    if not because:
        because = [NOTHING_AGAINST if verdict.threat is Threat.BENIGN else NOT_CLEAN, *verdict.because]
    decisive = gravest[0] if gravest else None
    way, told = joined([(one.rule, one.way) for one in gravest])
    return Decision(
        recipient=party.number,
        disposition=disposition,
        rule=decisive.rule if decisive else MTA_RULE,
        because=tuple(dict.fromkeys((*because, *told))),
        quarantine_class=decisive.quarantine_class if decisive and disposition is not Disposition.DELIVER else None,
        edits=_together(counted) if disposition in _GOES_ON else (),
        on_release=_on_release(disposition, counted),
        sealed=_sealed(counted),
        if_unfit=strictest((Disposition.QUARANTINE, *(one.if_unfit for one in counted))),
        copies_to=tuple(dict.fromkeys(address for one in counted for address in one.copies_to)),
        way=way,
        added=tuple(dict.fromkeys(address for one in counted for address in one.added)),
        would_have=would_have if would_have is not disposition else None,
        track=max((one.track for one in proposals), key=_TRACKS.index, default=Track.NONE),
    )


def _together(proposals: Iterable[Proposal]) -> tuple[Edit, ...]:
    """Every edit once; of several values for one header field the first, which is the strictest's."""
    edits: dict[object, Edit] = {}
    for edit in (edit for one in proposals for edit in one.edits):
        key: object = ("header", edit.name.casefold()) if isinstance(edit, SetHeader) else edit
        edits.setdefault(key, edit)
    return tuple(edits.values())


def _on_release(disposition: Disposition, proposals: Iterable[Proposal]) -> tuple[Edit, ...]:
    """What is changed in what is kept once it is let go: what is malicious is taken out. A flag for spam is not put on
    what somebody let go.
    """
    if disposition not in (Disposition.QUARANTINE, Disposition.REJECT):
        return ()
    return _together(one for one in proposals if one.rule == MALICIOUS_RULE)


def _sealed(proposals: Iterable[Proposal]) -> Sealed:
    """Signed content is changed only where everybody who orders a change says so."""
    ordering = [one.sealed for one in proposals if one.edits]
    return Sealed.CHANGE if ordering and all(one is Sealed.CHANGE for one in ordering) else Sealed.UNFIT


def _settled(case: Case, decided: tuple[Decision, ...]) -> tuple[Decision, ...]:
    """What is done, where not all that was decided can be."""
    enforced = tuple(
        _monitored(decision) if party.monitoring else decision
        for party, decision in zip(case.parties, decided, strict=True)
    )
    if not case.in_session:
        return tuple(_kept(decision, AFTER_250) for decision in enforced)
    if enforced and all(decision.disposition is Disposition.REJECT for decision in enforced):
        return tuple(map(_classless, enforced))
    return tuple(_kept(decision, NOT_ALL) for decision in enforced)


def _monitored(decision: Decision) -> Decision:
    would_have = decision.would_have or decision.disposition
    changed = would_have is not Disposition.DELIVER
    otherwise = f"{MONITORED}; otherwise it would be: {would_have.value}" if changed else MONITORED
    return replace(
        decision,
        disposition=Disposition.DELIVER,
        quarantine_class=None,
        edits=(),
        on_release=(),
        copies_to=(),
        way=STRAIGHT,
        added=(),
        because=(*decision.because, otherwise),
        would_have=would_have if changed else None,
    )


def _kept(decision: Decision, why: str) -> Decision:
    if decision.disposition is not Disposition.REJECT:
        return _classless(decision)
    return replace(
        decision,
        disposition=Disposition.QUARANTINE,
        because=(*decision.because, why),
        would_have=strictest((Disposition.REJECT, *((decision.would_have,) if decision.would_have else ()))),
    )


def _classless(decision: Decision) -> Decision:
    """A class belongs to a quarantine, and to nothing else."""
    if decision.disposition is Disposition.QUARANTINE or decision.quarantine_class is None:
        return decision
    return replace(decision, quarantine_class=None)


def _ours(party: Party) -> Decision:
    return Decision(recipient=party.number, disposition=Disposition.DELIVER, rule=MTA_RULE, because=(OURS,))
