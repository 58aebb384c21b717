"""How two policies look at mail differently: for `what-if`, which must not guess what another scan would have found."""

from collections.abc import Iterator
from math import ceil

from mailock.config.engines import EngineSettings, ImpersonationSettings
from mailock.config.model import Policy
from mailock.config.setting import settings_of
from mailock.core.evidence.report import Why
from mailock.core.mail.envelope import Direction

_BOUNDED = {
    "time": frozenset({Why.TIMED_OUT}),
    "depth": frozenset({Why.TOO_DEEP}),
    "files": frozenset({Why.TOO_MANY}),
    "unpacked": frozenset({Why.TOO_COSTLY, Why.TOO_LARGE}),
    "ratio": frozenset({Why.TOO_COSTLY}),
    "passwords": frozenset({Why.ENCRYPTED}),
}
"""What a bound of [scan] cuts off, or a password opens."""


def wants_anti_spam(policy: Policy) -> bool:
    """Whether anti-spam is on for anybody: then its engines look at all mail."""
    return any(one.enabled for one in (policy.anti_spam, *(profile.anti_spam for profile in policy.profile)))


def told(policy: Policy, hostname: str) -> EngineSettings:
    """What the engines in the jail are told by a policy, on a machine of this name."""
    return EngineSettings(
        hostname=hostname,
        rules_seconds=ceil(policy.anti_virus.rules_timeout.seconds) if policy.anti_virus.enabled else 20,
        links=policy.scan.links,
        link_text=policy.scan.link_text.bytes,
        impersonation=_protected(policy),
    )


def _protected(policy: Policy) -> ImpersonationSettings:
    """Whom senders may not pass for; our own domains are those that rules for mail to us name."""
    settings = policy.impersonation
    rules = (*policy.mta.forwarding, *(rule for system in policy.virtual_system for rule in system.mta.forwarding))
    own = {
        pattern.domain
        for rule in rules
        if rule.direction is not Direction.OUTGOING
        for pattern in rule.domain.patterns
        if pattern.domain
    }
    return ImpersonationSettings(
        people=tuple((person.name, person.addresses) for person in settings.person),
        own=tuple(sorted(own)),
        partners=settings.partners,
        brands=tuple((brand.name, brand.domains) for brand in settings.brand),
    )


def differences(before: Policy, after: Policy, gaps: frozenset[Why]) -> tuple[str, ...]:
    """Why a message that was examined by one policy would have to be examined again by the other, in sentences.

    `gaps`: why parts of it were not seen. A bound that is raised, or a password that is added, matters only to a
    message of which something was cut off or closed by it.
    """
    return (*_engines(before, after), *_anti_spam(before, after), *_bounds(before, after, gaps))


def _engines(before: Policy, after: Policy) -> Iterator[str]:
    for one in settings_of(type(before.anti_virus)):
        if getattr(before.anti_virus, one.attribute) != getattr(after.anti_virus, one.attribute):
            yield f"[anti_virus] {one.name} is another than when it was examined"


def _anti_spam(before: Policy, after: Policy) -> Iterator[str]:
    if wants_anti_spam(after) and not wants_anti_spam(before):
        yield "[anti_spam] was not on for anybody when it was examined"
    elif before.impersonation != after.impersonation or _protected(before) != _protected(after):
        yield "[impersonation] protects others than when it was examined"
    if wants_anti_spam(after) and before.reputation != after.reputation:
        yield "[reputation] is another than when it was examined"
    for name in ("rspamd", "spamassassin"):
        if getattr(before.anti_spam, name) != getattr(after.anti_spam, name):
            yield f"[anti_spam.{name}] is another than when it was examined"


def _bounds(before: Policy, after: Policy, gaps: frozenset[Why]) -> Iterator[str]:
    for one in settings_of(type(before.scan)):
        old, new = getattr(before.scan, one.attribute), getattr(after.scan, one.attribute)
        if old == new:
            continue
        is_more = set(old) <= set(new) if one.name == "passwords" else old < new
        if not is_more or not gaps.isdisjoint(_BOUNDED[one.name]):
            yield f"[scan] {one.name} is another than when it was examined"
