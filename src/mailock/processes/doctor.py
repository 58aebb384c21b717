"""`mailock doctor`: looks at everything on which mail hangs, from outside of the running mailflow.

It reads files, asks the DNS, and speaks SMTP to our own listeners and to next hops, up to RCPT and never further. What
it finds is judged in `operations.doctor`.
"""

import asyncio
import ctypes
import os
import pwd
import ssl
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw

from mailock.config.judgement import AntiSpam
from mailock.config.looking import wants_anti_spam
from mailock.config.mistakes import Mistakes
from mailock.config.node import JailMode, Node
from mailock.core.mail.address import Address
from mailock.core.routing.limits import LEAST_FLOOR
from mailock.core.routing.servers import Ourselves
from mailock.engines.reputation.watched import WatchedList
from mailock.engines.yara.compiling import compile_rules
from mailock.net.certificates import Certificates
from mailock.net.dialer import NetDialer
from mailock.net.dns import DnsResolver
from mailock.net.identity import covers
from mailock.net.interfaces import present_interfaces
from mailock.net.tls import ClientTls
from mailock.operations.disable import Lookout
from mailock.operations.doctor import (
    Check,
    Folder,
    Held,
    Level,
    Named,
    Running,
    judge_certificates,
    judge_clock,
    judge_folder,
    judge_hop,
    judge_jail,
    judge_listener,
    judge_mailflow,
    judge_mx,
    judge_name,
    judge_own_servers,
    judge_relay,
    judge_versions,
)
from mailock.operations.engines import judge_engines, judge_rules
from mailock.ports.clock import Clock
from mailock.ports.jail import NoJail
from mailock.ports.resolver import LookupFailed, Resolver
from mailock.processes.attached import attach
from mailock.processes.clock import SystemClock
from mailock.processes.hailing import Hailed, hail
from mailock.processes.jailing import try_jail
from mailock.processes.means import means_of
from mailock.processes.patient import Patient
from mailock.processes.probing import Prober
from mailock.processes.written import written_to
from mailock.stations.road.servers import Servers
from mailock.stations.road.way import Roads
from mailock.stations.turn.deadlines import Deadlines
from mailock.storage.sqlite.place import NETWORKED, file_system_of
from mailock.telemetry.search import TrackReader

MOUNTS = Path("/proc/self/mountinfo")
UNSYNCHRONISED = 0x40
"""STA_UNSYNC of adjtimex(2)."""
Status = Mapping[str, Any]
Say = Callable[[str], None]


async def examine(patient: Patient, foreign: Address, say: Say) -> list[Check]:
    """Looks at everything. `foreign` is a recipient that is nobody's business here; `say` hears what is under way."""
    say("versions, clock, disk, certificates, log")
    checks = [*judge_versions(tuple(sys.version_info[:3]), apsw.sqlite_lib_version(), openssl_version())]
    checks += [judge_clock(clock_is_kept()), *await look_at_jail(patient.node)]
    checks += [*look_at_folder(patient), *look_at_certificates(patient), *look_at_log(patient)]
    resolver = DnsResolver([(one.host, one.port or 53) for one in patient.node.resolvers] or None)
    clock = SystemClock()
    deadlines = Deadlines(clock)
    timing = asyncio.create_task(deadlines.run())
    try:
        say("DNS")
        checks += await look_at_dns(patient, resolver)
        authorities = Path(patient.node.authorities) if patient.node.authorities else None
        roads = Roads(
            dialer=NetDialer(client_tls=ClientTls(authorities)),
            clock=clock,
            deadlines=deadlines,
            standing=lambda: patient.installed,
        )
        prober = Prober(roads, Servers(resolver=resolver, clock=clock, ourselves=lambda: _ourselves(patient)))
        say("engines")
        checks += await look_at_engines(patient, clock)
        checks += await look_at_lists(patient, resolver, clock)
        say("mailflow and its listeners")
        checks += await look_at_mailflow(patient, prober)
        say("next hops")
        for found in await prober.hops(patient.installed, foreign):
            checks += judge_hop(found.rule, found.tried, found.unroutable)
        written = await asyncio.to_thread(written_to, patient.data / "track.db")
        for rule, theirs in (await prober.own_servers(patient.installed, written)).items():
            checks += judge_own_servers(rule, {one.domain: (one.tried, one.unroutable) for one in theirs})
        checks += judge_relay(patient.installed, foreign)
    finally:
        timing.cancel()
        await resolver.close()
    return checks


async def look_at_jail(node: Node) -> list[Check]:
    """Whether this machine holds a jail: one is made, without any engine, by the account that the doctor has."""
    reduced = node.jail is JailMode.REDUCED
    try:
        lacks = await try_jail(replace(means_of(node), workers=1))
    except NoJail as closed:
        return judge_jail(str(closed), {}, reduced=reduced)
    return judge_jail("", {lack.protection.value: lack.because for lack in lacks}, reduced=reduced)


def look_at_folder(patient: Patient) -> list[Check]:
    """The data folder."""
    data = patient.data
    try:
        found, disk = data.stat(), os.statvfs(data)
    except OSError as fault:
        text = f"{data} cannot be looked at: {fault.strerror}"
        return [Check("data folder", Level.ERROR, text, "start Mailock once, which makes it; or correct [node] data")]
    kind = file_system_of(data.resolve(), MOUNTS) or ""
    return judge_folder(
        Folder(
            path=str(data),
            owner=found.st_uid,
            wanted_owner=_runs_as(patient, found.st_uid),
            open_to_others=bool(found.st_mode & 0o007),
            networked=kind if kind in NETWORKED else "",
            free=disk.f_bavail * disk.f_frsize,
            total=disk.f_blocks * disk.f_frsize,
            floor=max(LEAST_FLOOR, 2 * patient.installed.limits.message_size),
        )
    )


def look_at_certificates(patient: Patient) -> list[Check]:
    """What we prove ourselves with."""
    configured = patient.policy.mta.tls.certificates
    folder = Path(configured) if configured else patient.data / "certificates"
    hostname, now = patient.installed.hostname, datetime.now(UTC)
    try:
        stored, broken = Certificates(folder).stored()
    except OSError as fault:
        return [Check("TLS", Level.ERROR, f"{folder} cannot be read: {fault.strerror}", "run the doctor as root")]
    held = [Held(name=o.name, days_left=o.days_left(now), covers_us=covers(o.names, hostname)) for o in stored]
    return judge_certificates(
        hostname, held, {one.name: one.why for one in broken}, offered=patient.installed.tls.enabled
    )


def look_at_log(patient: Patient) -> list[Check]:
    """The log of messages."""
    path = patient.data / "track.db"
    try:
        with TrackReader(path) as reader:
            gaps = reader.gaps()
    except FileNotFoundError:
        return [Check("log", Level.OK, "there is none yet")]
    except (OSError, apsw.Error) as fault:
        return [Check("log", Level.ERROR, f"{path} cannot be read: {fault}", "move it away: a new one is made")]
    if gaps:
        lost = sum(events for _, _, events in gaps)
        return [Check("log", Level.WARNING, f"it lost {lost} events while it was broken", "see that its disk has room")]
    return [Check("log", Level.OK, f"{path} can be read")]


async def look_at_engines(patient: Patient, clock: Clock) -> list[Check]:
    """What looks at mail: whether the rules compile as they are now, and whether those outside answer."""
    scanning = patient.policy.anti_virus
    if scanning.enabled:
        checks = await _look_at_rules(Path(scanning.rules) if scanning.rules else None)
    else:
        text = "nobody looks at what mail carries: every verdict is unknown"
        checks = [Check("engines", Level.WARNING, text, "set [anti_virus] enabled = true")]
    authorities = Path(patient.node.authorities) if patient.node.authorities else None
    filters = patient.policy.anti_spam if wants_anti_spam(patient.policy) else AntiSpam(enabled=False)
    attached = await attach(scanning, filters, clock, authorities)
    await attached.close()
    return checks + judge_engines(one.health for one in attached.watched)


async def _look_at_rules(folder: Path | None) -> list[Check]:
    try:
        rules = await asyncio.to_thread(compile_rules, folder)
    except Mistakes as wrong:
        return judge_rules(map(str, wrong.mistakes), files=0, version="")
    return judge_rules((), files=rules.files, version=rules.version)


async def look_at_lists(patient: Patient, resolver: Resolver, clock: Clock) -> list[Check]:
    """The lists in the DNS that are asked of sources and domains: whether each answers as a list does."""
    lists = [WatchedList(one, resolver, clock) for one in patient.installed.reputation.lists]
    return judge_engines(await asyncio.gather(*(one.probe() for one in lists)))


async def look_at_dns(patient: Patient, resolver: Resolver) -> list[Check]:
    """The resolver, our name, and where the MX of our domains point."""
    hostname = patient.installed.hostname
    try:
        ips: tuple[str, ...] | None = (await resolver.addresses(hostname)).records
        await resolver.mx(hostname)
        checks = [Check("resolver", Level.OK, "it answers")]
    except LookupFailed as fault:
        ips = None
        mend = "look at /etc/resolv.conf, or set [node] resolvers; mail to names waits meanwhile"
        checks = [Check("resolver", Level.ERROR, f"it does not answer: {fault}", mend)]
    pointers = {ip: await _names(resolver, ip) for ip in ips or ()}
    checks += judge_name(Named(hostname=hostname, ips=ips, pointers=pointers))
    lookout = Lookout(
        resolver=resolver,
        log=lambda: TrackReader(patient.data / "track.db"),
        standing=lambda: patient.installed,
        ours=_local_ips,
        clock=SystemClock(),
    )
    domains, _ = await asyncio.to_thread(lookout.domains)
    return [*checks, *judge_mx(domains, await lookout.pointing())]


async def look_at_mailflow(patient: Patient, prober: Prober) -> list[Check]:
    """The running process, and each of its listeners."""
    status = patient.status
    if status is None:
        return judge_mailflow(None, patient.revision)
    shunted = int(status["messages"].get("shunted", 0))
    running = Running(closed=status["closed"], full=status["full"], shunted=shunted, revision=status["revision"])
    checks = judge_mailflow(running, patient.revision)
    unlike = {one.name: one for one in patient.policy.mta.listener if one.implicit_tls or one.proxy_protocol}
    installed = patient.installed
    for one in status["listening"]:
        reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(one["address"], one["address"])
        kind = unlike.get(one["name"])
        if kind is None:
            tried = await prober.listener(installed.hostname, reachable, one["port"])
        elif kind.proxy_protocol and reachable not in installed.trusted_proxies:
            text = f"{one['name']} at {one['address']}:{one['port']} is not asked: it hears trusted_proxies only"
            checks.append(Check("listener", Level.OK, text))
            continue
        else:
            begins = {"implicit_tls": kind.implicit_tls, "proxied": kind.proxy_protocol}
            tried = await hail(Hailed(ip=reachable, port=one["port"], **begins), installed.hostname)
        checks.append(judge_listener(tried, closed=running.closed, tls_expected=installed.tls.enabled))
    if not status["listening"]:
        text = f"nobody listens: {running.closed or 'the policy names no address'}"
        checks.append(Check("listener", Level.ERROR, text, "mailock enable, or correct [mta] interfaces"))
    return checks


class _Timex(ctypes.Structure):
    """The beginning of struct timex of adjtimex(2); the rest is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("room", ctypes.c_byte * 256),
    )


def openssl_version() -> tuple[int, int, int]:
    """The version of OpenSSL. Since 3.0 the third number that Python gives is always 0, and the fourth counts."""
    major, minor, fix, patch, _ = ssl.OPENSSL_VERSION_INFO
    return major, minor, patch if major >= 3 else fix


def clock_is_kept() -> bool | None:
    """Whether the kernel knows of somebody who keeps its clock right; None where it does not say."""
    found = _Timex()
    if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(found)) < 0:
        return None
    return not found.status & UNSYNCHRONISED


def _ourselves(patient: Patient) -> Ourselves:
    listening: Sequence[Mapping[str, Any]] = patient.status["listening"] if patient.status is not None else ()
    return Ourselves(
        names=frozenset({patient.installed.hostname}),
        endpoints=frozenset((one["address"], one["port"]) for one in listening),
        local_ips=_local_ips(),
    )


def _local_ips() -> frozenset[str]:
    return frozenset(address for one in present_interfaces() for address in one.addresses)


def _runs_as(patient: Patient, otherwise: int) -> int:
    """The account of the gateway: that of the running process, else that of the settings."""
    if patient.status is not None:
        try:
            return Path(f"/proc/{patient.status['pid']}").stat().st_uid
        except OSError:
            return otherwise
    if patient.node.user is None:
        return otherwise
    try:
        return pwd.getpwnam(patient.node.user).pw_uid
    except KeyError:
        return otherwise


async def _names(resolver: Resolver, ip: str) -> tuple[str, ...] | None:
    try:
        return tuple(name.lower() for name in (await resolver.pointer(ip)).records)
    except LookupFailed:
        return None
