"""What no single setting can say of itself: contradictions, and what works and wants a second look.

Nothing is concluded from a setting that is wrong: its mistake is told once.
"""

from collections.abc import Iterator

from mailock.config.antivirus import FeedFormat, Lists
from mailock.config.delivery import Retention
from mailock.config.findings import Findings
from mailock.config.lines import Path
from mailock.config.listchecks import check_lists
from mailock.config.model import Policy, SystemRetention, VirtualSystem
from mailock.config.mta import Action, Listener
from mailock.config.names import Source
from mailock.config.outward import alert_mistakes
from mailock.config.routechecks import check_routes
from mailock.config.rulechecks import check_rules
from mailock.config.setting import settings_of
from mailock.config.userside import check_recipients

_SMALLEST_LIMIT = 65_536
_SHORTEST_RETENTION = 3600


def check(policy: Policy, findings: Findings) -> None:
    """Adds what is wrong with the policy as a whole, and what deserves a look."""
    _objects(policy, findings)
    _sources(policy, findings)
    _access(policy, findings)
    _listeners(policy, findings)
    _systems(policy, findings)
    _amounts(policy, findings)
    _scanners(policy, findings)
    check_rules(policy, findings)
    check_lists(policy, findings)
    check_recipients(policy.quarantine.recipients, policy.click_time, findings)
    if findings.is_sound(("object",)):
        check_routes(policy, findings)


def _objects(policy: Policy, findings: Findings) -> None:
    for named in policy.object:
        path: Path = ("object", named.name)
        kinds = [kind for kind in (named.host, named.domain, named.network, named.group, named.time) if kind]
        if len(kinds) != 1 and findings.is_sound(path):
            findings.complain(
                path, "an object is one thing: set host, domain, network, group or time, and only one of them"
            )


def _sources(policy: Policy, findings: Findings) -> None:
    """Every object that stands where clients are meant has to exist and hold networks; and nobody trusts everybody."""
    networks = {named.name for named in policy.object if named.network}
    others = {named.name for named in policy.object} - networks
    for path, source in _all_sources(policy, findings):
        name = source.object_name
        if name in others:
            findings.complain(path, f'the object "{name}" holds no networks: name one that does')
        elif name is not None and name not in networks and findings.is_sound(("object",)):
            findings.complain(path, f'there is no object "{name}": write [object.{name}] with its network')
        if path[0] == "authentication" or path[1] in ("internal_networks", "trusted_proxies"):
            prefix = source.network.prefix if source.network else None
            if source.country is not None:
                findings.complain(path, f'"{source}" is a guess, which nobody is trusted for: name your own networks')
            elif source.is_any or (prefix is not None and prefix.prefixlen == 0):
                findings.complain(path, f'"{source}" would trust the whole Internet: name your own networks')


def _all_sources(policy: Policy, findings: Findings) -> Iterator[tuple[Path, Source]]:
    mta = policy.mta
    lists: list[tuple[Path, tuple[Source, ...]]] = [
        (("mta", "internal_networks"), mta.internal_networks),
        (("mta", "trusted_proxies"), mta.trusted_proxies),
        (("mta", "implied_rule", "sources"), mta.implied_rule.sources),
        (("mta", "tls", "required_from"), mta.tls.required_from),
    ]
    if findings.is_sound(("mta", "access")):
        lists += [(("mta", "access", number, "sources"), rule.sources) for number, rule in enumerate(mta.access)]
    signing = ("authentication", "signing", "only")
    if findings.is_sound(signing):
        only = enumerate(policy.authentication.signing.only)
        lists += [((*signing, number, "networks"), one.networks) for number, one in only]
    for path, sources in lists:
        if findings.is_sound(path):
            for number, source in enumerate(sources):
                yield (*path, number), source


def countries(policy: Policy, findings: Findings) -> None:
    """For a machine without a GeoIP file: whoever names a country asks what nobody there can answer."""
    mend = "there is no GeoIP file: name one with [node] geoip"
    for path, source in _all_sources(policy, findings):
        if source.country is not None:
            findings.complain(path, f'"{source}" cannot be known, {mend}')
    for number, rule in enumerate(policy.rule):
        for path, raw in rule.when.entries:
            said = raw if isinstance(raw, tuple) else (raw,)
            named = any(str(one).lower().startswith("country:") for one in said)
            if path == ("country",) or (path == ("source",) and named):
                findings.complain(("rule", number, "when", *path), f"countries cannot be known, {mend}")


def _access(policy: Policy, findings: Findings) -> None:
    """Access rules that are never asked, and doors that nobody can open."""
    mta = policy.mta
    if not (findings.is_sound(("mta", "access")) and findings.is_sound(("mta", "implied_rule"))):
        return
    opened_by = "[mta.implied_rule]" if mta.implied_rule.enabled and _any(mta.implied_rule.sources) else ""
    for number, rule in enumerate(mta.access):
        if opened_by:
            mend = "narrow its sources, or switch it off" if opened_by.startswith("[") else "move this rule above it"
            findings.warn(("mta", "access", number), f"is never asked, since {opened_by} takes everybody: {mend}")
        elif _any(rule.sources):
            opened_by = f"rule {rule.name or f'#{number + 1}'}"
    allowed = [rule for rule in mta.access if rule.action is Action.ALLOW and rule.sources]
    if mta.enabled and not allowed and not (mta.implied_rule.enabled and mta.implied_rule.sources):
        findings.warn(
            ("mta", "implied_rule"),
            "nobody may connect: switch it on, or write [[mta.access]] rules that allow somebody",
        )


def _any(sources: tuple[Source, ...]) -> bool:
    return any(source.is_any for source in sources)


def _listeners(policy: Policy, findings: Findings) -> None:
    mta = policy.mta
    if mta.submission.enabled and mta.submission.users_file is None and findings.is_sound(("mta", "submission")):
        findings.complain(("mta", "submission"), "AUTH needs accounts: set users_file, or set enabled = false")
    if not findings.is_sound(("mta", "listener")):
        return
    names = [listener.name for listener in mta.listener]
    places = [(listener.address, listener.port) for listener in mta.listener]
    for number, listener in enumerate(mta.listener):
        path = ("mta", "listener", number)
        if listener.name in names[:number] or listener.name == "mta":
            findings.complain((*path, "name"), f'the name "{listener.name}" is taken: choose another')
        taken = places[:number] + ([("all", mta.port)] if findings.is_sound(("mta", "port")) else [])
        if listener.port and any(_meet(place, places[number]) for place in taken):
            findings.complain((*path, "port"), f"port {listener.port} is in use by another listener: choose another")
        _needs(listener, path, policy, findings)


def _meet(one: tuple[str, int], other: tuple[str, int]) -> bool:
    """Whether two listeners want the same port of one address; which addresses an interface has is not known here."""
    return one[1] == other[1] and (one[0] == other[0] or "all" in (one[0], other[0]))


def _needs(listener: Listener, path: Path, policy: Policy, findings: Findings) -> None:
    """What a listener promises that nothing else in the file makes possible."""
    mta = policy.mta
    if listener.auth_required and not mta.submission.enabled and findings.is_sound(("mta", "submission")):
        findings.complain((*path, "auth_required"), "nobody can authenticate: set enabled = true in [mta.submission]")
    if listener.auth_required and not mta.tls.enabled and findings.is_sound(("mta", "tls")):
        findings.complain((*path, "auth_required"), "AUTH is taken under TLS only: set enabled = true in [mta.tls]")
    if listener.proxy_protocol and not mta.trusted_proxies and findings.is_sound(("mta", "trusted_proxies")):
        findings.complain((*path, "proxy_protocol"), "nobody may speak for others: set trusted_proxies in [mta]")
    if listener.proxy_protocol and listener.implicit_tls:
        findings.complain(
            (*path, "implicit_tls"),
            "the PROXY header comes before TLS could begin: remove it, or let the proxy end TLS",
        )


def _system_limits(system: VirtualSystem, policy: Policy, findings: Findings) -> None:
    """Those of a system only ever narrow those of the gateway, which are announced before anybody knows the system."""
    path: Path = ("virtual_system", system.name, "mta", "limits")
    own, whole = system.mta.limits, policy.mta.limits
    if own.message_size is not None and not _SMALLEST_LIMIT <= own.message_size.bytes <= whole.message_size.bytes:
        mend = f'write a size from "64KiB" to the {whole.message_size} of [mta.limits]'
        findings.complain((*path, "message_size"), f"is not within what the gateway takes: {mend}")
    for name in ("recipients", "message_rate", "internal_message_rate"):
        narrowed, most = getattr(own, name), getattr(whole, name)
        if narrowed is not None and narrowed > most:
            findings.complain((*path, name), f"is more than the {most} of [mta.limits]: lower it")


def _system_times(system: VirtualSystem, policy: Policy, findings: Findings) -> None:
    path: Path = ("virtual_system", system.name)
    own, whole = system.mta.delivery, policy.mta.delivery
    place = (*path, "mta", "delivery")
    lifetime = own.queue_lifetime or whole.queue_lifetime
    if lifetime.seconds < 1:
        findings.complain((*place, "queue_lifetime"), "is shorter than a second: make it longer")
    if own.delay_warning is not None and own.delay_warning >= lifetime:
        findings.warn((*place, "delay_warning"), "is never reached: make it shorter than queue_lifetime")
    _retention((*path, "quarantine", "retention"), system.quarantine.retention, findings)


def _systems(policy: Policy, findings: Findings) -> None:
    listeners = {listener.name for listener in policy.mta.listener}
    owners: dict[str, str] = {}
    for system in policy.virtual_system:
        path: Path = ("virtual_system", system.name)
        if system.name == "default":
            findings.complain(path, "default is what stands at the top of the file: choose another name")
        _system_limits(system, policy, findings)
        _system_times(system, policy, findings)
        for number, name in enumerate(system.listeners):
            if name not in listeners and findings.is_sound(("mta", "listener")):
                findings.complain(
                    (*path, "listeners", number),
                    f'there is no listener "{name}": write it as [[mta.listener]], or remove its name',
                )
            _owned(f"listener {name}", (*path, "listeners", number), system.name, owners, findings)
        for pattern in system.domains.patterns if system.domains else ():
            _owned(f"domain {pattern}", (*path, "domains"), system.name, owners, findings)
        if not system.domains and not system.listeners and not system.mta.forwarding and findings.is_sound(path):
            findings.warn(path, "nothing belongs to it: set domains or listeners")


def _owned(what: str, path: Path, system: str, owners: dict[str, str], findings: Findings) -> None:
    owner = owners.setdefault(what, system)
    if owner != system:
        findings.complain(path, f"{what} belongs to the virtual system {owner} already: remove it from one of them")


def _amounts(policy: Policy, findings: Findings) -> None:
    mta = policy.mta
    delivery, limits, settings = mta.delivery, mta.limits, mta.mail_settings
    if findings.is_sound(("mta", "delivery")):
        path: Path = ("mta", "delivery")
        for name in ("retry_first", "queue_lifetime", "connect_timeout", "reuse"):
            if getattr(delivery, name).seconds < 1:
                findings.complain((*path, name), "is shorter than a second: make it longer")
        if delivery.retry_maximum < delivery.retry_first:
            findings.complain((*path, "retry_maximum"), "is shorter than retry_first: make it at least as long")
        if delivery.delay_warning >= delivery.queue_lifetime and findings.has((*path, "delay_warning")):
            findings.warn((*path, "delay_warning"), "is never reached: make it shorter than queue_lifetime")
    if findings.is_sound(("mta", "limits", "message_size")) and limits.message_size.bytes < _SMALLEST_LIMIT:
        findings.complain(
            ("mta", "limits", "message_size"), "is less than every server must take: make it 64KiB or more (RFC 5321)"
        )
    if findings.is_sound(("mta", "in_session", "deadline")) and not 1 <= mta.in_session.deadline.seconds <= 300:
        findings.complain(
            ("mta", "in_session", "deadline"), "is not what clients wait for: make it from 1s to 5m (RFC 5321: 10m)"
        )
    if findings.is_sound(("mta", "mail_settings")):
        path = ("mta", "mail_settings")
        if settings.storage_percent.value < 1:
            findings.complain((*path, "storage_percent"), "lets nothing in: write a number from 1 to 100")
        if settings.storage is not None and settings.storage.bytes < 2 * limits.message_size.bytes:
            findings.complain(
                (*path, "storage"), "holds fewer than two messages of [mta.limits] message_size: raise it"
            )
    _retention(("quarantine", "retention"), policy.quarantine.retention, findings)
    if findings.is_sound(("alerts",)):
        for place, text in alert_mistakes(policy.alerts):
            findings.complain(("alerts", *place), text)
        if not policy.alerts.kinds and policy.alerts.leave:
            findings.warn(("alerts", "kinds"), 'names nothing, so no alert is sent: write ["all"]')


def _retention(place: Path, retention: Retention | SystemRetention, findings: Findings) -> None:
    for one in settings_of(type(retention)):
        kept = getattr(retention, one.name)
        path = (*place, one.name)
        if kept is not None and kept.seconds < _SHORTEST_RETENTION and findings.is_sound(path):
            findings.complain(
                path, "is too short for anybody to look at such mail before it is gone: make it 1h or more"
            )


def _scanners(policy: Policy, findings: Findings) -> None:
    scanning = policy.anti_virus
    if not findings.is_sound(("anti_virus",)):
        return
    for name in ("rules_timeout", "clamav_timeout", "icap_timeout"):
        if getattr(scanning, name).seconds < 1:
            findings.complain(("anti_virus", name), "is shorter than a second: make it longer")
    for number, service in enumerate(scanning.icap):
        if service in scanning.icap[:number]:
            findings.complain(("anti_virus", "icap", number), f"{service} stands there twice: remove one")
    names = [feed.name for feed in scanning.feed]
    for number, feed in enumerate(scanning.feed):
        path: Path = ("anti_virus", "feed", number)
        if feed.name in names[:number]:
            findings.complain((*path, "name"), f'the name "{feed.name}" is taken: choose another')
        if feed.column is not None and feed.format in (FeedFormat.LIST, FeedFormat.HOSTS):
            findings.complain((*path, "column"), 'only CSV has columns: remove it, or set format = "csv"')
        if feed.format is FeedFormat.HOSTS and feed.lists is not Lists.DOMAINS:
            findings.complain((*path, "lists"), 'a file of hosts lists names: set lists = "domains"')
    others = [name for name in ("rules", "clamav") if getattr(scanning, name) is not None]
    if not scanning.enabled and (others or scanning.icap or scanning.feed):
        findings.warn(("anti_virus", "enabled"), "is false, so nothing else in this section does anything")
