"""What no single setting can say of itself: contradictions, and what works and wants a second look."""

from mailock.config.findings import Findings
from mailock.config.lines import Path
from mailock.config.model import Policy
from mailock.config.mta import Forwarding
from mailock.config.names import Source
from mailock.core.routing.rules import Verification


def check(policy: Policy, findings: Findings) -> None:
    """Adds what is wrong with the policy as a whole, and nothing that merely follows from a setting that is wrong."""
    _names(policy, findings)
    _sources(policy, findings)
    _listeners(policy, findings)
    _forwarding(policy, findings)
    _times(policy, findings)


def _names(policy: Policy, findings: Findings) -> None:
    for named in policy.object:
        path: Path = ("object", named.name)
        kinds = [kind for kind in (named.host, named.domain, named.network) if kind]
        if len(kinds) != 1 and findings.is_sound(path):
            findings.complain(path, "an object is one thing: set host, domain or network, and only one of them")


def _sources(policy: Policy, findings: Findings) -> None:
    """Every object that stands where clients are meant has to exist, and to hold networks."""
    mta = policy.mta
    lists: list[tuple[Path, tuple[Source, ...]]] = [
        (("mta", "internal_networks"), mta.internal_networks),
        (("mta", "trusted_proxies"), mta.trusted_proxies),
        (("mta", "implied_rule", "sources"), mta.implied_rule.sources),
        (("mta", "tls", "required_from"), mta.tls.required_from),
    ]
    if findings.is_sound(("mta", "access")):
        lists += [(("mta", "access", n, "sources"), rule.sources) for n, rule in enumerate(mta.access)]
    networks = {named.name for named in policy.object if named.network}
    others = {named.name for named in policy.object} - networks
    for path, sources in lists:
        for source in sources:
            name = source.object_name
            if name is None or name in networks or not findings.is_sound(("object",)):
                continue
            if name in others:
                findings.complain(path, f'the object "{name}" holds no networks: name one that does')
            else:
                findings.complain(path, f'there is no object "{name}": write [object.{name}] with its network')
    for path, sources in lists[:2]:
        if any(source.is_any for source in sources):
            findings.complain(path, '"any" would trust the whole Internet: name your own networks')


def _listeners(policy: Policy, findings: Findings) -> None:
    mta = policy.mta
    if mta.submission.enabled and mta.submission.users_file is None and findings.is_sound(("mta", "submission")):
        findings.complain(("mta", "submission"), "AUTH needs accounts: set users_file, or set enabled = false")
    if not findings.is_sound(("mta", "listener")):
        return
    names = [listener.name for listener in mta.listener]
    for number, listener in enumerate(mta.listener):
        path = ("mta", "listener", number)
        if listener.name in names[:number] or listener.name == "mta":
            findings.complain((*path, "name"), f'the name "{listener.name}" is taken: choose another')
        if listener.auth_required and not mta.submission.enabled and findings.is_sound(("mta", "submission")):
            findings.complain(
                (*path, "auth_required"), "nobody can authenticate: set enabled = true in [mta.submission]"
            )
        if listener.proxy_protocol and not mta.trusted_proxies and findings.is_sound(("mta", "trusted_proxies")):
            findings.complain((*path, "proxy_protocol"), "nobody may speak for others: set trusted_proxies in [mta]")


def _forwarding(policy: Policy, findings: Findings) -> None:
    tables: list[tuple[Path, tuple[Forwarding, ...]]] = [(("mta", "forwarding"), policy.mta.forwarding)]
    tables += [(("virtual_system", s.name, "mta", "forwarding"), s.mta.forwarding) for s in policy.virtual_system]
    for table, rules in tables:
        if not findings.is_sound(table):
            continue
        for number, rule in enumerate(rules):
            path = (*table, number)
            has_list = bool(rule.recipients) or rule.recipients_file is not None
            if rule.verification is Verification.LIST and not has_list:
                findings.complain((*path, "verification"), "the list is empty: set recipients or recipients_file")


def _times(policy: Policy, findings: Findings) -> None:
    delivery = policy.mta.delivery
    path: Path = ("mta", "delivery")
    if findings.is_sound(path) and delivery.retry_maximum < delivery.retry_first:
        findings.complain((*path, "retry_maximum"), "is shorter than retry_first: make it at least as long")
