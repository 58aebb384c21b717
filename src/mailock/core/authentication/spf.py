"""Sender Policy Framework: may this address send mail in that domain's name? (RFC 7208)

`check_host` is the function of section 4, as steps. A record is read whole before it is evaluated, so an error
anywhere in it is a permerror, also behind a mechanism that matches.
"""

import ipaddress
from dataclasses import dataclass
from typing import Final

from mailock.core.authentication import spf_macros, spf_record, spf_run
from mailock.core.authentication.questions import Found, RecordType, Steps, Unlearnt, is_name, records
from mailock.core.authentication.spf_macros import BadSyntax
from mailock.core.authentication.spf_record import Kind, Mechanism, Qualifier, Record
from mailock.core.authentication.spf_run import HOSTS, Ends, Ip, Run, SpfResult
from mailock.core.smtp.domain import read_domain

_RESULTS: Final = {
    Qualifier.PASS: SpfResult.PASS,
    Qualifier.FAIL: SpfResult.FAIL,
    Qualifier.SOFTFAIL: SpfResult.SOFTFAIL,
    Qualifier.NEUTRAL: SpfResult.NEUTRAL,
}
_NO_DOMAIN: Final = frozenset("[]@()<>,;:\\\"'`") | frozenset(map(chr, (*range(33), 127)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who speaks, and what it says it is."""

    ip: Ip
    untrusted_helo: str
    untrusted_sender: str
    """The reverse-path without its brackets; empty for the null one."""
    receiver: str = "unknown"
    """Our host name, for the macro `r`."""
    now: float = 0.0
    """Unix time in seconds, for the macro `t`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spf:
    """The outcome."""

    result: SpfResult
    identity: str
    """`mailfrom` or `helo`."""
    untrusted_domain: str
    """That was checked, in lower case; empty where there was none."""
    reason: str
    """A sentence for people."""
    untrusted_explanation: str = ""
    """What the domain says to those that it lets fail (section 6.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    result: SpfResult
    reason: str
    explanation: str = ""


def check_host(client: Client) -> Steps[Spf]:
    """Whether the client may send as its reverse-path says, or, where that is null, as its HELO (section 2.4)."""
    sender, helo = client.untrusted_sender, _a_labels(client.untrusted_helo.removesuffix("."))
    identity = "mailfrom" if sender else "helo"
    local, at, domain = sender.rpartition("@")
    domain = _a_labels(domain)
    if not sender:
        domain = helo
    if (sender and not at) or not is_sender_domain(domain):
        reason = f"{domain[:80]!r} is no domain name" if domain else "there is no domain to ask"
        return Spf(result=SpfResult.NONE, identity=identity, untrusted_domain="", reason=reason)
    domain = domain.removesuffix(".")
    mapped = client.ip.ipv4_mapped if isinstance(client.ip, ipaddress.IPv6Address) else None
    run = Run(
        ip=mapped or client.ip,
        local=local or "postmaster",
        sender_domain=domain,
        helo=helo,
        receiver=client.receiver,
        now=client.now,
    )
    try:
        outcome = yield from _check(run, domain, asked=True)
    except Ends as end:
        outcome = _Outcome(result=end.result, reason=end.reason)
    return Spf(
        result=outcome.result,
        identity=identity,
        untrusted_domain=domain.lower(),
        reason=outcome.reason,
        untrusted_explanation=outcome.explanation,
    )


def _a_labels(domain: str) -> str:
    """A domain with A-labels for U-labels, as it is asked for (RFC 8616 section 4); as it stands where it is none."""
    return domain if domain.isascii() else read_domain(domain.removesuffix(".")) or domain


def is_sender_domain(domain: str) -> bool:
    """Whether a text can be a domain that is asked for its policy: a name of several labels (section 4.3)."""
    name = domain.removesuffix(".")
    return is_name(name) and "." in name and _NO_DOMAIN.isdisjoint(name)


def _check(run: Run, domain: str, *, asked: bool) -> Steps[_Outcome]:
    """One record. `asked`: whether an explanation is wanted. Raises Ends."""
    found = yield from _record(domain)
    if found is None:
        return _Outcome(result=SpfResult.NONE, reason=f"{domain} publishes no SPF record")
    for mechanism in found.mechanisms:
        if not (yield from _matches(run, mechanism, domain)):
            continue
        result, said = _RESULTS[mechanism.qualifier], ""
        if result is SpfResult.FAIL and asked and found.explanation is not None:
            said = yield from spf_run.explanation(run, found.explanation, domain)
        return _Outcome(result=result, reason=f"{mechanism.text[:80]} of {domain}", explanation=said)
    if found.redirect is None:
        return _Outcome(result=SpfResult.NEUTRAL, reason=f"nothing in the record of {domain} matches")
    run.count()
    target = yield from spf_run.domain(run, found.redirect, domain)
    outcome = yield from _elsewhere(run, target, "redirect=", asked=asked)
    return outcome


def _elsewhere(run: Run, target: str, by: str, *, asked: bool) -> Steps[_Outcome]:
    """The record that another one leads to. Raises Ends where there is none (sections 5.2 and 6.1)."""
    if not is_name(target):
        raise Ends(SpfResult.PERMERROR, f"{by} leads to {target[:80]!r}, which is no domain")
    outcome = yield from _check(run, target, asked=asked)
    if outcome.result is SpfResult.NONE:
        raise Ends(SpfResult.PERMERROR, f"{by} leads to {target}, which publishes no SPF record")
    return outcome


def _record(domain: str) -> Steps[Record | None]:
    answer = yield from records(domain, RecordType.TXT)
    if isinstance(answer, Unlearnt):
        raise Ends(SpfResult.TEMPERROR, f"TXT of {domain}: {answer.why}")
    texts = spf_record.select(answer.untrusted_values)
    if len(texts) > 1:
        raise Ends(SpfResult.PERMERROR, f"{domain} publishes {len(texts)} SPF records; one is allowed")
    if not texts:
        return None
    try:
        return spf_record.read(texts[0])
    except BadSyntax as error:
        raise Ends(SpfResult.PERMERROR, f"the SPF record of {domain} cannot be read: {error}") from None


def _matches(run: Run, mechanism: Mechanism, domain: str) -> Steps[bool]:
    match mechanism.kind:
        case Kind.ALL:
            return True
        case Kind.IP4 | Kind.IP6:
            return mechanism.network is not None and run.ip in mechanism.network
        case _:
            run.count()
    if mechanism.domain is not None and not run.local.isascii() and spf_macros.letters(mechanism.domain) & {"l", "s"}:
        # A local part that no name can hold: such terms never match (RFC 8616 section 4).
        return False
    target = domain if mechanism.domain is None else (yield from spf_run.domain(run, mechanism.domain, domain))
    match mechanism.kind:
        case Kind.INCLUDE:
            included = yield from _elsewhere(run, target, "include:", asked=False)
            return included.result is SpfResult.PASS
        case Kind.A:
            return (yield from _has_address(run, target, mechanism))
        case Kind.MX:
            return (yield from _mx(run, target, mechanism))
        case Kind.PTR:
            names = yield from spf_run.validated(run)
            return any(spf_run.is_below(name, target) for name in names)
        case _:
            exists = run.counted((yield from records(target, RecordType.A)), target)
            return bool(exists.untrusted_values)


def _has_address(run: Run, host: str, mechanism: Mechanism) -> Steps[bool]:
    type_ = RecordType.A if run.ip.version == 4 else RecordType.AAAA
    return _is_among(run, run.counted((yield from records(host, type_)), host), mechanism)


def _is_among(run: Run, answer: Found, mechanism: Mechanism) -> bool:
    prefix = mechanism.prefix4 if run.ip.version == 4 else mechanism.prefix6
    return any(spf_run.same_network(run.ip, address, prefix) for address in answer.untrusted_values)


def _mx(run: Run, target: str, mechanism: Mechanism) -> Steps[bool]:
    answer = run.counted((yield from records(target, RecordType.MX)), target)
    type_ = RecordType.A if run.ip.version == 4 else RecordType.AAAA
    empty: Found | None = Found(())
    for name in answer.untrusted_values[:HOSTS]:
        host = name.removesuffix(".")
        addresses = yield from records(host, type_)
        if isinstance(addresses, Unlearnt) or addresses.untrusted_values:
            empty = None
            if _is_among(run, run.counted(addresses, host), mechanism):
                return True
    # Exchangers without addresses of the client's family are usual; all of them together are one void answer.
    if empty is not None and answer.untrusted_values:
        run.counted(empty, target)
    if len(answer.untrusted_values) > HOSTS:
        raise Ends(SpfResult.PERMERROR, f"{target} has more than {HOSTS} mail exchangers")
    return False
