"""From settings to what the stations act on: one `Installed` a revision.

What needs the machine (our own name, the addresses of the internal interfaces) is handed in; what is left is a function
from values to values. `load` calls the same functions to see whether a file can be compiled, so no install fails here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mailock.config import delivery as ours
from mailock.config.judging import compile_rulebase
from mailock.config.looking import wants_anti_spam
from mailock.config.model import Object, Policy, SystemDelivery, SystemRetention
from mailock.config.model import SystemLimits as Unlimited
from mailock.config.mta import Action, Forwarding, Mta
from mailock.config.mta import InSession as InSessionSettings
from mailock.config.mta import Limits as LimitSettings
from mailock.config.names import HopText, Source
from mailock.config.reputation import compile_reputation
from mailock.config.sender import Signing as SigningSettings
from mailock.config.units import Duration
from mailock.config.userside import compile_recipients
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import DEFAULT_SYSTEM
from mailock.core.policy.installed import (
    DeliverySettings,
    InSession,
    Installed,
    Limits,
    MailSettings,
    QuarantineSettings,
    SystemLimits,
    Timeliness,
    TlsSettings,
    Troubleshooting,
)
from mailock.core.policy.signing import Reserved, Signing
from mailock.core.routing.access import Access, AccessRule, Inside, Networks, Sources
from mailock.core.routing.lanes import Pressure
from mailock.core.routing.limits import Rate
from mailock.core.routing.nexthop import NextHop, parse_next_hop
from mailock.core.routing.rules import ForwardingRule, Routes, SystemScope
from mailock.core.routing.schedule import Schedule

Objects = Mapping[str, Object]


def compile_policy(
    policy: Policy, *, revision: int, hostname: str, inside_ips: Iterable[str] = (), also_named: Iterable[str] = ()
) -> Installed:
    """What the stations act on. `inside_ips`: our addresses on internal interfaces; `also_named`: other names of ours.

    Raises ValueError only for a policy that `load` would refuse.
    """
    mta, objects = policy.mta, objects_of(policy)
    routes = compile_routes(policy)
    return Installed(
        revision=revision,
        hostname=hostname,
        enabled=mta.enabled,
        routes=replace(routes, hostnames=frozenset((hostname, *also_named))),
        access=_access(mta, objects),
        inside=Inside(networks=_networks(mta.internal_networks, objects), local_ips=frozenset(inside_ips)),
        trusted_proxies=_networks(mta.trusted_proxies, objects),
        limits=_limits(mta.limits),
        system_limits=_system_limits(policy),
        system_schedules=_system_schedules(policy),
        mail_settings=_mail_settings(mta.mail_settings),
        troubleshooting=Troubleshooting(
            delayed_more_than=_or_never(mta.troubleshooting.delayed_more_than), track=mta.troubleshooting.track
        ),
        delivery=_delivery(mta.delivery),
        quarantine=_quarantine(policy),
        own_quarantine=compile_recipients(policy.quarantine.recipients),
        tls=TlsSettings(enabled=mta.tls.enabled, required_from=_sources(mta.tls.required_from, objects)),
        rulebase=compile_rulebase(policy, routes.chosen),
        reputation=compile_reputation(policy.reputation),
        remembers=wants_anti_spam(policy) and policy.impersonation.enabled and policy.impersonation.remember,
        signing=_signing(policy.authentication.signing, objects),
        in_session=_in_session(mta.in_session),
        opens_unchecked=policy.click_time.open_unchecked,
    )


def compile_routes(policy: Policy) -> Routes:
    """The forwarding rules of all systems, the default one's first; our own names are not in it yet."""
    objects = objects_of(policy)
    rules = _rules(policy.mta.forwarding, DEFAULT_SYSTEM, objects)
    for system in policy.virtual_system:
        rules += _rules(system.mta.forwarding, system.name, objects)
    scopes = tuple(
        SystemScope(
            name=system.name,
            listeners=frozenset(system.listeners),
            patterns=system.domains.patterns if system.domains else (),
        )
        for system in policy.virtual_system
    )
    postmaster = policy.mta.postmaster.rpartition("@") if policy.mta.postmaster else None
    return Routes(
        rules=tuple(rules),
        scopes=scopes,
        separator=policy.mta.sub_address_separator,
        postmaster=Address(postmaster[0], postmaster[2]) if postmaster else None,
        chosen={
            rule.name: next_hop_of(rule.then.next_hop, objects)
            for rule in policy.rule
            if rule.then.next_hop is not None
        },
    )


def rule_name(rule: Forwarding, number: int, system: str = DEFAULT_SYSTEM) -> str:
    """What the log calls a rule: its name, or its place from 1."""
    place = rule.name or f"#{number + 1}"
    return place if system == DEFAULT_SYSTEM else f"{system} {place}"


def objects_of(policy: Policy) -> Objects:
    """The named objects."""
    return {named.name: named for named in policy.object}


def next_hop_of(text: HopText, objects: Objects) -> NextHop:
    """The next hop of a rule, with objects put in. Raises ValueError with what is wrong and the mend."""
    if not text.is_list:
        (entry,) = text.entries
        if entry not in objects:
            return parse_next_hop(entry)
        servers = _servers(entry, objects)
        return parse_next_hop(servers[0] if len(servers) == 1 else servers)
    return parse_next_hop([expanded for entry in text.entries for expanded in _expanded(entry, objects)])


def _expanded(entry: str, objects: Objects) -> list[str]:
    """A list's entry; where it names an object, the servers of that, each with the entry's weight and rank."""
    name, _, options = entry.partition(" ")
    if name not in objects:
        return [entry]
    return [f"{server} {options}".strip() for server in _servers(name, objects)]


def _servers(name: str, objects: Objects) -> list[str]:
    named = objects[name]
    if named.network:
        raise ValueError(f'the object "{name}" holds networks, which are no servers: name one with host or domain')
    return [named.domain] if named.domain else list(named.host)


def _rules(rules: tuple[Forwarding, ...], system: str, objects: Objects) -> list[ForwardingRule]:
    return [
        ForwardingRule(
            name=rule_name(rule, number, system),
            patterns=rule.domain.patterns,
            next_hop=next_hop_of(rule.next_hop, objects),
            direction=rule.direction,
            virtual_system=system,
            tls=rule.tls,
            verification=rule.verification,
            eight_bit=rule.eight_bit,
        )
        for number, rule in enumerate(rules)
    ]


def _networks(sources: Iterable[Source], objects: Objects) -> Networks:
    found = []
    for source in sources:
        if source.network is not None:
            found.append(source.network.prefix)
        elif source.object_name is not None:
            found += [network.prefix for network in objects[source.object_name].network]
    return Networks(tuple(found))


def _signing(settings: SigningSettings, objects: Objects) -> Signing:
    reserved = tuple(
        Reserved(domains=frozenset(one.domains), networks=_networks(one.networks, objects), users=frozenset(one.users))
        for one in settings.only
    )
    return Signing(enabled=settings.enabled, reserved=reserved)


def _sources(sources: tuple[Source, ...], objects: Objects) -> Sources:
    if any(source.is_any for source in sources):
        return Sources(any=True)
    countries = frozenset(source.country for source in sources if source.country is not None)
    return Sources(networks=_networks(sources, objects), countries=countries)


def _access(mta: Mta, objects: Objects) -> Access:
    implied = _sources(mta.implied_rule.sources, objects) if mta.implied_rule.enabled else None
    rules = tuple(
        AccessRule(
            name=rule.name or f"#{number}",
            sources=_sources(rule.sources, objects),
            allow=rule.action is Action.ALLOW,
        )
        for number, rule in enumerate(mta.access, 1)
    )
    return Access(implied=implied, rules=rules)


def _in_session(settings: InSessionSettings) -> InSession:
    ways = ((Direction.INCOMING, settings.incoming), (Direction.OUTGOING, settings.outgoing))
    waiting = {way for way, waits in (*ways, (Direction.INTERNAL, settings.internal)) if waits}
    return InSession(directions=frozenset(waiting), seconds=settings.deadline.seconds)


def _limits(limits: LimitSettings) -> Limits:
    return Limits(
        message_size=limits.message_size.bytes,
        recipients=limits.recipients,
        connections=limits.connections,
        connections_per_source=limits.connections_per_source,
        connection_rate=Rate(limits.connection_rate, 60.0),
        message_rate=Rate(limits.message_rate, 60.0),
        internal_message_rate=Rate(limits.internal_message_rate, 3600.0),
        received_fields=limits.received_fields,
        errors=limits.errors,
        transactions=limits.transactions,
        command_seconds=limits.command_timeout.seconds,
        data_seconds=limits.data_timeout.seconds,
        bare_newlines=limits.bare_newlines,
    )


def _system_limits(policy: Policy) -> Mapping[str, SystemLimits]:
    whole = policy.mta.limits
    return {
        system.name: SystemLimits(
            message_size=(system.mta.limits.message_size or whole.message_size).bytes,
            recipients=system.mta.limits.recipients or whole.recipients,
            message_rate=_rate(system.mta.limits.message_rate, 60.0),
            internal_message_rate=_rate(system.mta.limits.internal_message_rate, 3600.0),
        )
        for system in policy.virtual_system
        if system.mta.limits != Unlimited()
    }


def _rate(amount: int | None, seconds: float) -> Rate | None:
    return Rate(amount, seconds) if amount else None


def _system_schedules(policy: Policy) -> Mapping[str, Schedule]:
    whole = _delivery(policy.mta.delivery).schedule
    return {
        system.name: replace(
            whole,
            lifetime=whole.lifetime if own.queue_lifetime is None else own.queue_lifetime.seconds,
            warn_after=whole.warn_after if own.delay_warning is None else _or_never(own.delay_warning),
        )
        for system in policy.virtual_system
        if (own := system.mta.delivery) != SystemDelivery()
    }


def _mail_settings(settings: ours.MailSettings) -> MailSettings:
    late = settings.late_action
    return MailSettings(
        maximum_delay=_or_never(settings.maximum_delay),
        storage_percent=None if settings.storage_percent.value >= 100 else settings.storage_percent.value,
        storage=settings.storage.bytes if settings.storage else None,
        when_exceeded=settings.when_exceeded,
        late_action=Timeliness.RETURN if late is ours.LateAction.RETURN else Timeliness.QUARANTINE,
        track=settings.track,
    )


def _delivery(settings: ours.Delivery) -> DeliverySettings:
    return DeliverySettings(
        paused=settings.paused,
        schedule=Schedule(
            first=settings.retry_first.seconds,
            factor=settings.retry_factor,
            maximum=settings.retry_maximum.seconds,
            jitter=settings.retry_jitter.value / 100,
            lifetime=settings.queue_lifetime.seconds,
            warn_after=_or_never(settings.delay_warning),
        ),
        pressure=Pressure(
            limit=settings.concurrency,
            start=min(Pressure().start, settings.concurrency),
            suspend_after=settings.suspend_after,
            suspend_for=settings.suspend_for.seconds,
        ),
        rate=Rate(settings.rate, 60.0) if settings.rate else None,
        recipients=settings.recipients,
        idle=settings.idle.seconds,
        reuse=settings.reuse.seconds,
        connect_seconds=settings.connect_timeout.seconds,
        dead_for=settings.dead_for.seconds,
        notice_rate=Rate(settings.dsn_rate, 3600.0),
        return_size=settings.return_size.bytes,
    )


def _quarantine(policy: Policy) -> QuarantineSettings:
    whole = _retention(policy.quarantine.retention)
    systems = {}
    for system in policy.virtual_system:
        own = system.quarantine.retention
        if own != SystemRetention():
            # A default of the system's own stands above what the gateway says of single classes.
            systems[system.name] = (whole if own.default is None else {}) | _retention(own)
    return QuarantineSettings(retention=whole, systems=systems)


def _retention(given: ours.Retention | SystemRetention) -> dict[str, float]:
    named = {
        "": given.default,
        "spam": given.spam,
        "malware": given.malware,
        "policy": given.policy,
        "undeliverable": given.undeliverable,
        "late": given.late,
    }
    return {kind: kept.seconds for kind, kept in named.items() if kept is not None}


def _or_never(duration: Duration) -> float | None:
    """Seconds, or None for `"0s"`, with which the file says never."""
    return duration.seconds or None
