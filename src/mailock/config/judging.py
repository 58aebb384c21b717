"""From the settings that judge mail to the rulebase that does: values to values, as `compile` is for the rest."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mailock.config import judgement as settings
from mailock.config.askings import Names, pattern
from mailock.config.changes import compile_additions
from mailock.config.conditions import conditions_of
from mailock.config.judgement import Action
from mailock.config.lines import Path
from mailock.config.model import Policy
from mailock.config.reputation import Listed
from mailock.config.rules import Rule as RuleSettings
from mailock.config.rules import Then as ThenSettings
from mailock.config.userside import compile_click_time
from mailock.core.evidence.finding import Confidence
from mailock.core.evidence.manifest import Duty
from mailock.core.lifecycle.copies import Disposition
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import DEFAULT_SYSTEM
from mailock.core.policy.conditions.condition import Condition
from mailock.core.policy.laxity import is_laxer
from mailock.core.policy.lists import Lists, Pin, Pinned
from mailock.core.policy.profile import AntiSpam, Changes, FailModes, MaliciousMail, Profile, SpamAction
from mailock.core.policy.rule import Rule, Then
from mailock.core.policy.rulebase import Rulebase
from mailock.core.policy.way import Way
from mailock.core.reputation.entries import Entry, read_entry
from mailock.core.rewriting.edits import AddText, Edit, Place, PrefixSubject, SetHeader
from mailock.core.rewriting.orders import Sealed
from mailock.core.routing.nexthop import NextHop
from mailock.core.verdict.weigh import Thresholds

DEFAULT_PROFILE = "default"
_ACTIONS: Mapping[Action, Disposition] = {
    Action.QUARANTINE: Disposition.QUARANTINE,
    Action.REJECT: Disposition.REJECT,
    Action.DISCARD: Disposition.DISCARD,
    Action.ALLOW: Disposition.DELIVER,
}


def compile_rulebase(policy: Policy, chosen: Mapping[str, NextHop]) -> Rulebase:
    """What decides. `chosen`: the next hops that rules choose, by name. Raises ValueError only for a policy that `load`
    would refuse.
    """
    default = profile_of(DEFAULT_PROFILE, policy.judgement, policy.malicious_mail, policy.anti_spam)
    profiles = {
        one.name: profile_of(one.name, one.judgement, one.malicious_mail, one.anti_spam) for one in policy.profile
    }
    names = names_of(policy)
    return Rulebase(
        default=default,
        rules=tuple(_rule(rule, names, profiles, default, chosen) for rule in policy.rule),
        lists=Lists(
            pins={pin.sha256: _pin(pin) for pin in policy.pin},
            allowed=_entries(policy.list_.allow),
            blocked=_entries(policy.list_.block),
        ),
        separator=policy.mta.sub_address_separator,
        additions=compile_additions(policy.mta.signature, policy.mta.banner),
        guarding=compile_click_time(policy.click_time),
    )


def names_of(policy: Policy) -> Names:
    """What conditions may mention."""
    return Names(
        groups={named.name: tuple(map(pattern, named.group)) for named in policy.object if named.group},
        networks={named.name: named.network for named in policy.object if named.network},
        times={named.name: named.time for named in policy.object if named.time},
        systems=frozenset({DEFAULT_SYSTEM, *(system.name for system in policy.virtual_system)}),
    )


def profile_of(
    name: str, judgement: settings.Judgement, malicious: settings.MaliciousMail, anti_spam: settings.AntiSpam
) -> Profile:
    """One profile."""
    ways: dict[Direction, settings.Incoming | settings.Outgoing | settings.Internal] = {
        Direction.INCOMING: judgement.incoming,
        Direction.OUTGOING: judgement.outgoing,
        Direction.INTERNAL: judgement.internal,
    }
    fail: FailModes = {
        (direction, duty): mode
        for direction, way in ways.items()
        for duty, mode in ((Duty.MALWARE, way.malware), (Duty.SPAM, way.spam), (Duty.SENDER, way.sender))
    }
    return Profile(
        name=name,
        malicious=_malicious(malicious),
        suspicious=judgement.suspicious,
        suspicious_from=Confidence[judgement.suspicious_from.name],
        ambiguous=judgement.ambiguous,
        fail=fail,
        protected={direction: way.protected for direction, way in ways.items()},
        protected_text=judgement.protected_text,
        anti_spam=_anti_spam(anti_spam),
        excluded_types=frozenset(judgement.exclude_types),
    )


def loosens(rule: RuleSettings, profile: Profile | None, default: Profile, conditions: Iterable[Condition]) -> bool:
    """Whether a rule lets more through than the default does; one on evidence only adds, and never does."""
    if any(condition.on_evidence for condition in conditions):
        return False
    return bool(rule.except_) or (profile is not None and is_laxer(profile, default))


def edits_of(then: ThenSettings) -> tuple[Edit, ...]:
    """The changes that a rule orders."""
    edits: list[Edit] = []
    if then.header:
        edits.append(SetHeader(name=then.header, value=then.header_value))
    if then.subject_prefix:
        edits.append(PrefixSubject(text=then.subject_prefix))
    if then.text:
        edits.append(AddText(text=then.text, place=Place.TOP))
    return tuple(edits)


def _rule(
    rule: RuleSettings, names: Names, profiles: Mapping[str, Profile], default: Profile, chosen: Mapping[str, NextHop]
) -> Rule:
    conditions = conditions_of(rule.when, names, _never)
    profile = profiles[rule.profile] if rule.profile is not None else None
    return Rule(
        name=rule.name,
        when=conditions,
        then=_then(rule, chosen) if rule.then != ThenSettings() else None,
        profile=profile,
        excepts=frozenset(rule.except_),
        because=rule.because,
        loosens=loosens(rule, profile, default, conditions),
    )


def _then(rule: RuleSettings, chosen: Mapping[str, NextHop]) -> Then:
    then = rule.then
    return Then(
        disposition=then.disposition,
        quarantine_class=then.quarantine_class,
        edits=edits_of(then),
        if_unfit=then.if_unfit,
        copies_to=then.send_copy_to,
        way=Way(
            sender=then.rewrite_sender,
            recipient=then.rewrite_recipient,
            via=rule.name if rule.name in chosen else "",
            hop=str(chosen[rule.name]) if rule.name in chosen else "",
        ),
        added=then.add_recipient,
    )


def _malicious(malicious: settings.MaliciousMail) -> MaliciousMail:
    if not malicious.enabled:
        return MaliciousMail(
            disposition=Disposition.DELIVER,
            changes=Changes(remove=False, header=""),
            copies_to=malicious.send_copy_to,
            copy_text=malicious.copy_text,
        )
    return MaliciousMail(
        disposition=_ACTIONS[malicious.action],
        changes=Changes(
            remove=malicious.remove,
            attachment_text=malicious.attachment_text,
            unscanned_text=malicious.unscanned_text,
            link_text=malicious.link_text,
            header=malicious.header,
            subject_prefix=malicious.subject_prefix,
            body_text=malicious.body_text,
            sealed=Sealed.CHANGE if malicious.change_signed else Sealed.UNFIT,
        ),
        copies_to=malicious.send_copy_to,
        copy_text=malicious.copy_text,
    )


def _anti_spam(anti_spam: settings.AntiSpam) -> AntiSpam:
    return AntiSpam(
        enabled=anti_spam.enabled,
        detect_only=anti_spam.detect_only,
        thresholds=Thresholds(suspected=anti_spam.suspected_from, spam=anti_spam.spam_from),
        suspected=_spam_action(anti_spam.suspected),
        spam=_spam_action(anti_spam.spam),
        phishing=_spam_action(anti_spam.phishing),
        bulk=_spam_action(anti_spam.bulk),
    )


def _spam_action(one: settings.SuspectedSpam | settings.Spam | settings.Phishing | settings.Bulk) -> SpamAction:
    return SpamAction(disposition=one.action, subject_prefix=one.flag_subject, header=one.flag_header, track=one.track)


def _entries(listed: Iterable[Listed]) -> tuple[Entry, ...]:
    return tuple(
        replace(
            read_entry(what),
            because=one.because,
            until=one.until.end if one.until is not None else None,
            system=one.system,
            by="policy",
        )
        for one in listed
        for what in one.what
    )


def _pin(pin: settings.Pin) -> Pin:
    return Pin(
        sha256=pin.sha256,
        pinned=Pinned(pin.verdict.value),
        because=pin.because,
        until=pin.until.end if pin.until is not None else None,
    )


def _never(path: Path, text: str) -> None:
    raise ValueError(f"{'.'.join(map(str, path))} {text}")
