"""Whether the forwarding rules make sense together: our own mail has a route, we relay for nobody, no rule is idle."""

from collections.abc import Iterator

from mailock.config.compile import compile_routes, next_hop_of, objects_of, rule_name
from mailock.config.findings import Findings
from mailock.config.lines import Path
from mailock.config.model import Policy
from mailock.config.mta import Forwarding
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import DEFAULT_SYSTEM
from mailock.core.routing.direction import Placed, Refusal, place, place_own
from mailock.core.routing.nexthop import NoForward, OwnMx
from mailock.core.routing.pattern import Breadth, Pattern
from mailock.core.routing.rules import Routes, Table, Verification

_SOMEBODY = Address("somebody", "elsewhere.invalid")
"""Stands for senders whom no rule names: their notices have to find a way."""
_OUTGOING = '[[mta.forwarding]] with direction = "outgoing" and next_hop = "mx:"'


def check_routes(policy: Policy, findings: Findings) -> None:
    """Adds what is wrong with the rules, and what deserves a look."""
    tables = list(_tables(policy))
    if not all(findings.is_sound(path) for path, _, _ in tables):
        return
    for path, system, rules in tables:
        _each(path, system, rules, policy, findings)
        _shadows(path, system, rules, findings)
    if not all(
        findings.is_sound((*path, number, "next_hop")) for path, _, rules in tables for number in range(len(rules))
    ):
        return
    if not _chosen(policy, findings):
        return
    routes = compile_routes(policy)
    if not routes.rules:
        findings.warn(("mta",), "there is no forwarding rule, so no recipient is accepted: write [[mta.forwarding]]")
    elif routes.monitor_only:
        findings.warn(
            ("mta", "forwarding"),
            "every rule scans only, so nothing is delivered and nothing is enforced (monitor-only): "
            "give a rule another next_hop to change that",
        )
    else:
        _own_mail(policy, routes, findings)
        _postmaster(policy, routes, findings)
        _ordered(policy, routes, findings)


def _tables(policy: Policy) -> Iterator[tuple[Path, str, tuple[Forwarding, ...]]]:
    yield ("mta", "forwarding"), DEFAULT_SYSTEM, policy.mta.forwarding
    for system in policy.virtual_system:
        yield ("virtual_system", system.name, "mta", "forwarding"), system.name, system.mta.forwarding


def _each(table: Path, system: str, rules: tuple[Forwarding, ...], policy: Policy, findings: Findings) -> None:
    names, objects = set[str](), objects_of(policy)
    for number, rule in enumerate(rules):
        path, name = (*table, number), rule_name(rule, number, system)
        if name in names:
            findings.complain((*path, "name"), f'the name "{name}" is taken: choose another')
        names.add(name)
        try:
            next_hop = next_hop_of(rule.next_hop, objects)
        except ValueError as wrong:
            findings.complain((*path, "next_hop"), str(wrong))
            continue
        is_own_mx = isinstance(next_hop, OwnMx)
        _verification(path, rule, findings, asks_nobody=isinstance(next_hop, NoForward))
        takes_all = any(pattern.breadth is Breadth.ANY for pattern in rule.domain.patterns)
        if rule.direction is not Direction.INCOMING or not takes_all or isinstance(next_hop, NoForward):
            continue
        if is_own_mx and rule.verification is not Verification.LIST:
            findings.complain(
                (*path, "next_hop"),
                'would relay for the whole Internet: set direction = "outgoing", or name your domains in domain',
            )
        elif rule.verification is Verification.NONE:
            findings.warn(
                path,
                "accepts every recipient of every domain from anybody, and relies on the next hop to refuse others' "
                'domains: name your domains in domain, or set verification = "callout"',
            )


def _verification(path: Path, rule: Forwarding, findings: Findings, *, asks_nobody: bool) -> None:
    has_list = bool(rule.recipients) or rule.recipients_file is not None
    match rule.verification:
        case Verification.LIST if not has_list:
            findings.complain((*path, "verification"), "the list is empty: set recipients or recipients_file")
        case Verification.CALLOUT if asks_nobody:
            findings.complain((*path, "verification"), "there is no next hop to ask: write a list, or leave it out")
        case Verification.NONE | Verification.CALLOUT if has_list:
            key = "recipients" if rule.recipients else "recipients_file"
            findings.complain((*path, key), 'is not used: set verification = "list", or remove it')


def _shadows(table: Path, system: str, rules: tuple[Forwarding, ...], findings: Findings) -> None:
    """A pattern that an earlier rule of the same direction takes already."""
    taken = {direction: Table() for direction in Direction}
    for number, rule in enumerate(rules):
        for pattern in rule.domain.patterns:
            earlier = _first(taken[rule.direction], pattern)
            if earlier is not None and earlier < number:
                name = rule_name(rules[earlier], earlier, system)
                findings.warn(
                    (*table, number, "domain"),
                    f"{pattern} never gets here, since rule {name} above takes it: move this rule up, or remove it",
                )
            taken[rule.direction].add(pattern, number)


def _first(table: Table, pattern: Pattern) -> int | None:
    """The first rule that takes everything which the pattern takes."""
    match pattern.breadth:
        case Breadth.ANY:
            numbers = [table.any]
        case Breadth.BELOW:
            numbers = [table.any, table.below.get(pattern.domain, table.any), table.first_below(pattern.domain)]
        case Breadth.DOMAIN:
            numbers = [table.any, table.domains.get(pattern.domain, table.any), table.first_below(pattern.domain)]
        case Breadth.ADDRESS:
            numbers = [table.first(Address(pattern.local, pattern.domain), "")]
    found = min(numbers)
    return None if found == Table().any else found


def _own_mail(policy: Policy, routes: Routes, findings: Findings) -> None:
    """What we write ourselves has to have a way to everybody who wrote to us, and to those whom the alerts go to."""
    for path, system, rules in _tables(policy):
        placed = place_own(routes, system, _SOMEBODY)
        if isinstance(placed, Refusal):
            if rules or system == DEFAULT_SYSTEM:
                findings.complain(path, f"our own notices have no route to senders elsewhere: add {_OUTGOING}")
        elif not placed.rule.forwards:
            findings.warn(path, f"our own notices end in rule {placed.rule.name}, which scans only: add {_OUTGOING}")
    if policy.quarantine.recipients.digest.enabled and routes.table(DEFAULT_SYSTEM, Direction.INCOMING).takes_any:
        findings.warn(
            ("quarantine", "recipients", "digest", "enabled"),
            'digests for domains that only a rule "*" takes go the way of outgoing mail: name your domains in a rule',
        )
    for number, recipient in enumerate(policy.alerts.mail_to if findings.is_sound(("alerts", "mail_to")) else ()):
        local, _, domain = recipient.rpartition("@")
        if isinstance(place_own(routes, DEFAULT_SYSTEM, Address(local, domain)), Refusal):
            findings.complain(("alerts", "mail_to", number), f"no rule takes mail for {recipient}: add {_OUTGOING}")


def _chosen(policy: Policy, findings: Findings) -> bool:
    """Whether every next hop that a rule of the rulebase chooses is one; what is wrong was told."""
    objects, sound = objects_of(policy), True
    for number, rule in enumerate(policy.rule):
        path: Path = ("rule", number, "then", "next_hop")
        if not findings.is_sound(path) or rule.then.next_hop is None:
            continue
        try:
            if isinstance(next_hop_of(rule.then.next_hop, objects), NoForward):
                raise ValueError('"0.0.0.0" is for forwarding rules: to keep mail, write disposition = "quarantine"')
        except ValueError as wrong:
            findings.complain(path, str(wrong))
            sound = False
    return sound


def _ordered(policy: Policy, routes: Routes, findings: Findings) -> None:
    """Whom rules of the rulebase write to has to be reached by a forwarding rule."""
    for number, rule in enumerate(policy.rule):
        path: Path = ("rule", number, "then")
        if not findings.is_sound(path):
            continue
        asked: list[tuple[Path, str]] = [((*path, "rewrite_recipient"), rule.then.rewrite_recipient)]
        asked += [((*path, "add_recipient", place), one) for place, one in enumerate(rule.then.add_recipient)]
        for where, text in asked:
            local, _, domain = text.rpartition("@")
            address = Address("somebody" if local == "*" else local, domain)
            if text and isinstance(place_own(routes, DEFAULT_SYSTEM, address), Refusal):
                findings.complain(where, f"no rule takes mail for {text}: add {_OUTGOING}")


def _postmaster(policy: Policy, routes: Routes, findings: Findings) -> None:
    """Mail for the postmaster is always accepted (RFC 5321 section 4.5.1), so it has to go somewhere."""
    if not findings.is_sound(("mta", "postmaster")):
        return
    placed = place(routes, Address("postmaster", ""), internal=False)
    if isinstance(placed, Placed):
        return
    if policy.mta.postmaster is not None:
        findings.complain(("mta", "postmaster"), f"no rule takes mail for {policy.mta.postmaster}: add one that does")
    else:
        findings.warn(("mta",), "mail for our postmaster has no next hop: set postmaster to an address")
