"""Whether the rules make sense together: every condition can be asked, every name is there, no rule is idle, and none
lets anybody through who merely says who he is.
"""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from mailock.config.askings import Names
from mailock.config.conditions import conditions_of
from mailock.config.findings import Findings
from mailock.config.judgement import Action, AntiSpam, Judgement, MaliciousMail
from mailock.config.judging import loosens, names_of, profile_of
from mailock.config.lines import Path
from mailock.config.model import Policy
from mailock.config.names import address
from mailock.config.rules import Rule, Then
from mailock.core.evidence.wording import MOST, Sought
from mailock.core.lifecycle.copies import Disposition
from mailock.core.policy.conditions.circumstances import CameFrom, Directed, Proven, SentBy, SentTo
from mailock.core.policy.conditions.condition import Condition
from mailock.core.policy.conditions.evidence import Contains
from mailock.core.policy.decide import BLOCK_LIST
from mailock.core.policy.profile import Profile
from mailock.core.policy.rule import MALICIOUS_RULE, MTA_RULE, names_source
from mailock.core.routing.pattern import Pattern

RESERVED: Final = frozenset({MTA_RULE, MALICIOUS_RULE, BLOCK_LIST})
REJECTS: Final = (
    "acts only while the client waits for its reply, which it never does: such mail is quarantined instead; switch "
    '[mta.in_session] on, or write "quarantine"'
)
_WRITABLE: Final = ("sender", "subject", "header.from", "header.to", "header.cc", "header.message-id")
"""Conditions on what anybody can write into a message."""


def check_rules(policy: Policy, findings: Findings) -> None:
    """Adds what is wrong with rules and profiles, and what deserves a look."""
    _sections(policy, findings)
    _pins(policy, findings)
    _golden(policy, findings)
    if not (findings.is_sound(("object",)) and findings.is_sound(("profile",))):
        return
    names = names_of(policy)
    default = profile_of("default", policy.judgement, policy.malicious_mail, policy.anti_spam)
    profiles = {
        one.name: profile_of(one.name, one.judgement, one.malicious_mail, one.anti_spam) for one in policy.profile
    }
    asked: list[tuple[str, tuple[Condition, ...]]] = []
    taken: set[str] = set()
    words: set[Sought] = set()
    for number, rule in enumerate(policy.rule):
        path: Path = ("rule", number)
        if not findings.is_sound(path):
            continue
        _name(rule, path, taken, findings)
        if rule.profile is not None and rule.profile not in profiles:
            mend = f"write [profile.{rule.profile}] with what it sets"
            findings.complain((*path, "profile"), f'there is no profile "{rule.profile}": {mend}')
        conditions = _conditions(rule, path, names, findings)
        if conditions is None:
            continue
        _parts(rule, path, conditions, findings)
        if rule.then.disposition is Disposition.REJECT and not _waits(policy):
            findings.warn((*path, "then", "disposition"), REJECTS)
        _trust(rule, path, profiles.get(rule.profile or ""), default, conditions, findings)
        _shadowed(rule, path, conditions, asked, findings)
        for condition in conditions:
            if isinstance(condition, Contains):
                words |= condition.sought
    if len(words) > MOST:
        findings.complain(("rule",), f"rules ask for {len(words)} words of texts and fields: drop all but {MOST}")


def _name(rule: Rule, path: Path, taken: set[str], findings: Findings) -> None:
    if rule.name in RESERVED:
        findings.complain((*path, "name"), f'the name "{rule.name}" is that of a rule of Mailock: choose another')
    elif rule.name in taken:
        findings.complain((*path, "name"), f'the name "{rule.name}" is taken: choose another')
    taken.add(rule.name)


def _conditions(rule: Rule, path: Path, names: Names, findings: Findings) -> tuple[Condition, ...] | None:
    """What a rule asks for; None where something of it is wrong, which was told."""
    conditions = conditions_of(rule.when, names, lambda below, text: findings.complain((*path, "when", *below), text))
    return conditions if findings.is_sound((*path, "when")) else None


def _parts(
    rule: Rule,
    path: Path,
    conditions: tuple[Condition, ...],
    findings: Findings,
) -> None:
    """What a rule does, beside what it asks."""
    on_evidence = any(condition.on_evidence for condition in conditions)
    if rule.except_ and on_evidence:
        findings.complain(
            (*path, "except"),
            "has no effect where when asks for evidence, since such a rule only adds: ask for circumstances only",
        )
    if rule.then == Then() and rule.profile is None and not rule.except_:
        if on_evidence:
            findings.warn(path, "does nothing: set then or profile")
        else:
            findings.warn(path, "only keeps the rules below it from being asked: set then, profile or except")
    if rule.then.disposition is Disposition.DELIVER and findings.has((*path, "then", "quarantine_class")):
        findings.warn((*path, "then", "quarantine_class"), 'is not used: set disposition = "quarantine"')


def _trust(
    rule: Rule,
    path: Path,
    profile: Profile | None,
    default: Profile,
    conditions: tuple[Condition, ...],
    findings: Findings,
) -> None:
    """A rule that lets more through must know whom it believes (DECISIONS 21)."""
    if not loosens(rule, profile, default, conditions):
        return
    asked = rule.when.names
    is_certain = names_source(conditions) or any(isinstance(one, Proven) and one.wanted for one in conditions)
    for name in _WRITABLE:
        if name in asked and not is_certain:
            findings.complain(
                (*path, "when", name),
                "rests on what anybody can write, and lets more through: add authenticated = true, or a source",
            )
            return


def _shadowed(
    rule: Rule,
    path: Path,
    conditions: tuple[Condition, ...],
    asked: list[tuple[str, tuple[Condition, ...]]],
    findings: Findings,
) -> None:
    for name, before in asked:
        if all(any(_covers(wide, narrow) for narrow in conditions) for wide in before):
            findings.warn(path, f"is never asked, since rule {name} takes all that it means: move it above that rule")
            break
    if not any(condition.on_evidence for condition in conditions):
        asked.append((rule.name, conditions))


def _covers(wide: Condition, narrow: Condition) -> bool:
    """Whether one condition holds wherever the other does, as far as that can be told."""
    match wide, narrow:
        case Directed(), Directed():
            return wide.directions >= narrow.directions
        case SentTo(), SentTo():
            return _all_covered(wide.patterns, narrow.patterns) and wide.groups >= narrow.groups
        case SentBy(), SentBy():
            return _all_covered(wide.patterns, narrow.patterns) and (wide.null or not narrow.null)
        case CameFrom(), CameFrom():
            return wide.sources.any or wide.sources == narrow.sources
        case _:
            return wide == narrow


def _all_covered(wide: tuple[Pattern, ...], narrow: tuple[Pattern, ...]) -> bool:
    return all(any(one.covers(other) for one in wide) for other in narrow)


def _sections(policy: Policy, findings: Findings) -> None:
    """The top of the file and every profile."""
    for path, judgement, malicious, anti_spam in _served(policy):
        if not findings.is_sound(path):
            continue
        if not _waits(policy):
            _rejecting(path, judgement, malicious, anti_spam, findings)
        if not malicious.enabled and findings.has((*path, "malicious_mail", "enabled")):
            findings.warn(
                (*path, "malicious_mail", "enabled"),
                "delivers malicious mail as it is: set true, or delete this line",
            )
        for name in ("rspamd", "spamassassin"):
            if getattr(anti_spam, name) != getattr(policy.anti_spam, name):
                findings.complain(
                    (*path, "anti_spam", name), "is attached for everybody: write it under [anti_spam] at the top"
                )
        if anti_spam.suspected_from > anti_spam.spam_from:
            findings.complain(
                (*path, "anti_spam", "suspected_from"), "is above spam_from, so nothing is ever suspected: lower it"
            )


def _waits(policy: Policy) -> bool:
    """Whether there is mail whose client waits for the verdict, so that it can be rejected."""
    settings = policy.mta.in_session
    return settings.incoming or settings.outgoing or settings.internal


def _served(policy: Policy) -> Iterator[tuple[Path, Judgement, MaliciousMail, AntiSpam]]:
    yield (), policy.judgement, policy.malicious_mail, policy.anti_spam
    for profile in policy.profile:
        yield ("profile", profile.name), profile.judgement, profile.malicious_mail, profile.anti_spam


def _rejecting(
    path: Path, judgement: Judgement, malicious: MaliciousMail, anti_spam: AntiSpam, findings: Findings
) -> None:
    """`reject` acts in session only (DECISIONS 13)."""
    rejecting: list[Path] = []
    if malicious.action is Action.REJECT:
        rejecting.append(("malicious_mail", "action"))
    rejecting += [
        ("judgement", name) for name in ("suspicious", "ambiguous") if getattr(judgement, name) is Disposition.REJECT
    ]
    rejecting += [
        ("anti_spam", name, "action")
        for name in ("suspected", "spam", "phishing", "bulk")
        if getattr(anti_spam, name).action is Disposition.REJECT
    ]
    for below in rejecting:
        if findings.has((*path, *below)):
            findings.warn((*path, *below), REJECTS)


def _pins(policy: Policy, findings: Findings) -> None:
    seen: set[str] = set()
    for number, pin in enumerate(policy.pin):
        if not findings.is_sound(("pin",)):
            return
        if pin.sha256 in seen:
            findings.complain(("pin", number, "sha256"), "is pinned above already: remove one of the two")
        seen.add(pin.sha256)


def _golden(policy: Policy, findings: Findings) -> None:
    """What golden cases say of their envelope has to be what SMTP could say."""
    for number, golden in enumerate(policy.golden):
        path: Path = ("golden", number)
        if not findings.is_sound(("golden",)):
            return
        try:
            if golden.sender:
                address(golden.sender)
        except ValueError as wrong:
            findings.complain((*path, "sender"), str(wrong))
        try:
            if golden.client_ip:
                ip_address(golden.client_ip)
        except ValueError:
            findings.complain(
                (*path, "client_ip"), f'"{golden.client_ip}" is not an address: write one such as "192.0.2.7"'
            )
