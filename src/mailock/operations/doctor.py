"""What the doctor thinks of what was found: pure judgement, each with the mend. `processes.doctor` does the looking.

A warning deserves a look; an error means that mail is refused, lost to us, open to others, or soon will be.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.mail.shown import cleaned
from mailock.core.policy.disabling import Seen
from mailock.core.policy.installed import Installed
from mailock.core.routing.direction import Placed, place
from mailock.core.routing.pattern import Breadth
from mailock.core.routing.rules import ForwardingRule, TlsDemand, Verification

LEAST_PYTHON: Final = (3, 11)
LEAST_SQLITE: Final = (3, 51, 3)
LEAST_OPENSSL: Final = (3, 0)
SOON_DAYS: Final = 21.0
GIBIBYTE: Final = 1 << 30
_ALLOW_IT: Final = "allow it to the account of the gateway, or run on a kernel that has it"


class Level(Enum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `mend` says what to do about it; empty where nothing is to be done."""

    area: str
    level: Level
    text: str
    mend: str = ""

    def table(self) -> dict[str, str]:
        """As others read it; it may quote what a server said."""
        return {"area": self.area, "level": self.level.value, "text": cleaned(self.text), "mend": self.mend}


def failed(checks: Iterable[Check]) -> bool:
    """Whether something is an error."""
    return any(check.level is Level.ERROR for check in checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The data folder, as it was found."""

    path: str
    owner: int
    wanted_owner: int
    """The account that the gateway runs as."""
    open_to_others: bool
    """Whether everybody may read or write in it."""
    networked: str
    """The kind of a network file system that it lies on; empty for a local disk."""
    free: int
    total: int
    floor: int
    """Bytes below which no mail is accepted (DECISIONS 9)."""


def judge_folder(folder: Folder) -> list[Check]:
    """The data folder."""
    area, checks = "data folder", []
    if folder.owner != folder.wanted_owner:
        mend = f"chown -R {folder.wanted_owner} {folder.path}"
        text = f"{folder.path} belongs to uid {folder.owner}, and the gateway runs as uid {folder.wanted_owner}"
        checks.append(Check(area, Level.ERROR, text, mend))
    if folder.open_to_others:
        text = f"everybody on this machine may look into {folder.path}"
        checks.append(Check(area, Level.WARNING, text, f"chmod o-rwx {folder.path}"))
    if folder.networked:
        text = f"{folder.path} is on a network file system ({folder.networked}), which cannot promise what is synced"
        checks.append(Check(area, Level.ERROR, text, "put `data` on a local disk"))
    room = f"{folder.free / GIBIBYTE:.1f} GiB of {folder.total / GIBIBYTE:.1f} GiB are free"
    if folder.free < folder.floor:
        text = f"{room}: below {folder.floor / GIBIBYTE:.1f} GiB no mail is accepted"
        checks.append(Check(area, Level.ERROR, text, "make room on the disk"))
    elif folder.free < 4 * folder.floor:
        text = f"{room}: below {folder.floor / GIBIBYTE:.1f} GiB no mail is accepted"
        checks.append(Check(area, Level.WARNING, text, "make room on the disk"))
    return checks or [Check(area, Level.OK, f"{folder.path}: {room}")]


def judge_directory(url: str, trouble: str, missing: Sequence[str]) -> list[Check]:
    """The directory by which people sign in to the console: what is wrong with it, and groups that it does not have."""
    area, mend = "directory", "correct [console.ldap], or the directory; local accounts sign in meanwhile"
    if trouble:
        return [Check(area, Level.WARNING, f"nobody of it can sign in: {trouble}", mend)]
    if missing:
        text = f"{url} has no group {', '.join(missing)}, so nobody gets its role"
        return [Check(area, Level.WARNING, text, "mend [[console.ldap.role]]")]
    return [Check(area, Level.OK, f"{url} answers, and has the groups of all roles")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What the DNS says of our name. None: it could not be learnt."""

    hostname: str
    ips: tuple[str, ...] | None
    pointers: Mapping[str, tuple[str, ...] | None]
    """The names of each of these addresses."""


def judge_name(named: Named) -> list[Check]:
    """Whether our name and our addresses name each other: others refuse mail from servers of which they do not."""
    area = "host name"
    if "." not in named.hostname:
        text = f"{named.hostname!r} is no full host name, and others refuse mail from such"
        return [Check(area, Level.ERROR, text, "set [node] hostname to the name that the DNS knows")]
    if named.ips is None:
        text = f"the addresses of {named.hostname} could not be looked up"
        return [Check(area, Level.WARNING, text, "see the resolver's check")]
    if not named.ips:
        text = f"{named.hostname} has no A or AAAA record"
        return [Check(area, Level.ERROR, text, "add one to the DNS, or set [node] hostname to a name that has one")]
    checks = []
    for ip, names in named.pointers.items():
        if names is None:
            text = f"the name of {ip} (PTR) could not be looked up"
            checks.append(Check(area, Level.WARNING, text, "see the resolver's check"))
        elif named.hostname.lower() not in names:
            found = f"says {', '.join(names)}" if names else "is missing"
            text = f"the PTR record of {ip} {found}, not {named.hostname}: many servers refuse mail from such"
            checks.append(Check(area, Level.WARNING, text, f"have who gave you {ip} point it to {named.hostname}"))
    if checks:
        return checks
    return [Check(area, Level.OK, f"{named.hostname} and {', '.join(named.ips)} name each other")]


def judge_mx(domains: Sequence[str], seen: Seen) -> list[Check]:
    """Whether the world sends the mail of our domains here."""
    area = "MX"
    if not domains:
        text = "no rule names a domain and no mail came yet, so there is no MX to look at"
        return [Check(area, Level.OK, text)]
    checks = [
        Check(area, Level.WARNING, f"the MX of {domain} could not be looked up", "see the resolver's check")
        for domain in seen.unknown
    ]
    elsewhere = [domain for domain in domains if domain not in (*seen.pointing, *seen.unknown)]
    if elsewhere:
        text = f"no MX of {_some(elsewhere)} points here"
        mend = "change it in the DNS; if a relay in front of this gateway takes the mail, all is well"
        checks.append(Check(area, Level.WARNING, text, mend))
    if seen.pointing:
        checks.append(Check(area, Level.OK, f"the MX of {_some(seen.pointing)} points here"))
    return checks


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A certificate that is stored."""

    name: str
    days_left: float
    covers_us: bool


def judge_certificates(hostname: str, held: Sequence[Held], broken: Mapping[str, str], *, offered: bool) -> list[Check]:
    """What we prove ourselves with. `offered`: whether the policy offers TLS at all."""
    area = "TLS"
    mend = "mailock certificate import FILE"
    checks = [
        Check(area, Level.ERROR, f"the certificate {name} cannot be used: {why}", mend) for name, why in broken.items()
    ]
    for one in held:
        if one.days_left <= 0:
            checks.append(Check(area, Level.ERROR, f"the certificate {one.name} has expired", mend))
        elif one.days_left <= SOON_DAYS:
            text = f"the certificate {one.name} expires in {one.days_left:.0f} days"
            checks.append(Check(area, Level.WARNING, text, mend))
    if not offered:
        checks.append(Check(area, Level.WARNING, "the policy offers no TLS to those who come", "set [mta.tls] enabled"))
    elif not held:
        text = "no certificate is stored: what comes is encrypted, and nobody can tell that it is us"
        checks.append(Check(area, Level.WARNING, text, mend))
    elif not any(one.covers_us for one in held):
        checks.append(Check(area, Level.WARNING, f"no certificate is for {hostname}", mend))
    return checks or [Check(area, Level.OK, f"{_some([one.name for one in held])}: valid, and for {hostname}")]


def judge_clock(synchronised: bool | None) -> Check:
    """Whether the kernel says that something keeps its clock right; None: it does not say."""
    if synchronised is None:
        return Check("clock", Level.WARNING, "the kernel does not say whether its clock is kept right")
    if not synchronised:
        text = "nothing keeps the clock right, as far as the kernel knows: dates in mail and certificates go wrong"
        return Check("clock", Level.WARNING, text, "run chrony or systemd-timesyncd (in a container: on its host)")
    return Check("clock", Level.OK, "it is kept right")


def judge_jail(refusal: str, lacks: Mapping[str, str], *, reduced: bool) -> list[Check]:
    """Whether content can be opened, and behind which walls. `lacks`: protections that do not hold, and why."""
    area = "jail"
    if refusal:
        return [Check(area, Level.ERROR, refusal, "until then `mailock run` ends with 3")]
    checks = [Check(area, Level.WARNING, f"it has not {name!r}: {why}", _ALLOW_IT) for name, why in lacks.items()]
    if reduced and not lacks:
        text = 'it holds whole, and [node] jail = "reduced" lets mail be opened even where it does not'
        checks.append(Check(area, Level.WARNING, text, 'take "reduced" out of [node]'))
    return checks or [Check(area, Level.OK, "content is opened without network, files, rights or other processes")]


def judge_versions(python: Sequence[int], sqlite: str, openssl: Sequence[int]) -> list[Check]:
    """The programs that we stand on."""
    area, checks = "versions", []
    if tuple(python[:2]) < LEAST_PYTHON:
        checks.append(Check(area, Level.ERROR, f"Python {_dotted(python[:3])} is too old", "use 3.11 or newer"))
    if tuple(int(part) for part in sqlite.split(".")[:3]) < LEAST_SQLITE:
        text = f"SQLite {sqlite} can damage the queue (fixed in {_dotted(LEAST_SQLITE)})"
        checks.append(Check(area, Level.ERROR, text, "install the apsw that uv.lock names"))
    if tuple(openssl[:2]) < LEAST_OPENSSL:
        checks.append(Check(area, Level.WARNING, f"OpenSSL {_dotted(openssl[:3])} gets no more repairs", "update it"))
    found = f"Python {_dotted(python[:3])}, SQLite {sqlite}, OpenSSL {_dotted(openssl[:3])}"
    return checks or [Check(area, Level.OK, found)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A server that was tried. `why` is empty where it was reached."""

    where: str
    why: str = ""
    tls: str = ""
    """What was negotiated; empty for clear text."""
    starttls: bool = False
    """Whether it offers TLS."""
    foreign: str = ""
    """The recipient that is none of its business and that it took; empty where it was not asked, or refused."""


def judge_hop(rule: ForwardingRule, tried: Sequence[Tried], unroutable: str) -> list[Check]:
    """A rule's next hop: whether it can be reached, as the rule wants it, and whether it relays for strangers."""
    area = f"next hop of {rule.name}"
    if unroutable:
        return [Check(area, Level.ERROR, f"there is no server: {unroutable}", "correct next_hop, or the DNS")]
    checks: list[Check] = []
    reached = [one for one in tried if not one.why]
    for one in tried:
        if one.why:
            level = Level.WARNING if reached else Level.ERROR
            mend = "start it, open the way to it, or correct next_hop; mail for it waits meanwhile"
            checks.append(Check(area, level, f"{one.where} cannot be reached: {one.why}", mend))
        elif one.foreign:
            text = f"{one.where} takes mail from us for strangers, such as {one.foreign}"
            mend = "take this gateway off the hosts that it relays for; it needs to take mail for your domains only"
            checks.append(Check(area, Level.ERROR, text, mend))
        elif one.starttls and not one.tls and rule.tls is not TlsDemand.NONE:
            text = f"{one.where} offers TLS and cannot do it: mail goes in clear text"
            checks.append(Check(area, Level.WARNING, text, "look at its log, and at its certificate"))
        else:
            how = one.tls or ("clear text, as the rule says" if rule.tls is TlsDemand.NONE else "clear text")
            checks.append(Check(area, Level.OK, f"{one.where} answers; {how}"))
    return checks


def judge_own_servers(rule: str, theirs: Mapping[str, tuple[Sequence[Tried], str]]) -> list[Check]:
    """A rule with `mx:`: whether the own servers of some recipient domains can be reached. `theirs`, by domain: what
    was tried, or why there is no server.

    One domain may be down, or be no more; if not one server of any answers, it is we who cannot reach them.
    """
    area = f"next hop of {rule}"
    if not theirs:
        return [Check(area, Level.OK, "recipients' own servers; nobody was written to yet, so none was tried")]
    checks, silent, answers = list[Check](), list[str](), False
    for domain, (tried, unroutable) in theirs.items():
        reached = next((one for one in tried if not one.why), None)
        if unroutable:
            text, mend = f"{domain} has no server: {unroutable}", "mail for it goes back to its senders, or waits"
            checks.append(Check(area, Level.WARNING, text, mend))
        elif reached is None:
            silent.append(f"{domain}: {', '.join(f'{one.where}: {one.why}' for one in tried)}")
        else:
            answers = True
            checks.append(Check(area, Level.OK, f"{domain}: {reached.where} answers; {reached.tls or 'clear text'}"))
    if silent and not answers:
        text = f"no server of any recipient domain that was tried can be reached ({'; '.join(silent)})"
        mend = "see whether a firewall, or your provider, keeps connections from leaving to port 25"
        checks.append(Check(area, Level.ERROR, text, mend))
    else:
        mend = "mail for it waits; if it goes on, ask those who run it"
        checks += [Check(area, Level.WARNING, f"nobody answers for {one}", mend) for one in silent]
    return checks


def judge_listener(tried: Tried, *, closed: str, tls_expected: bool) -> Check:
    """One of our own listeners. `closed`: why the doors are shut; empty where they are open."""
    area = "listener"
    if closed:
        text = f"{tried.where} takes no mail: {closed}"
        return Check(area, Level.WARNING, text, "mailock enable")
    if tried.why:
        text = f"{tried.where} does not answer as it should: {tried.why}"
        return Check(area, Level.ERROR, text, "look at mailflow's log, and at what else listens there (ss -ltnp)")
    if tls_expected and not tried.starttls and not tried.tls:
        return Check(area, Level.WARNING, f"{tried.where} answers, and offers no TLS", "see the TLS checks")
    return Check(area, Level.OK, f"{tried.where} answers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What the running mailflow says of itself."""

    closed: str
    full: str
    shunted: int
    revision: int


def judge_mailflow(running: Running | None, installed: int) -> list[Check]:
    """The process itself. `installed`: the revision that should run."""
    area = "mailflow"
    if running is None:
        return [Check(area, Level.ERROR, "it is not running, so no mail is taken", "mailock run, or start its service")]
    checks = []
    if running.full:
        checks.append(
            Check(area, Level.ERROR, f"no mail is accepted (452): {running.full}", "make room, or raise storage")
        )
    if running.shunted:
        text = f"Mailock failed on {running.shunted} message{'s' if running.shunted != 1 else ''}, and keeps them"
        checks.append(Check(area, Level.WARNING, text, "mailock shunt list"))
    if running.revision != installed:
        text = f"revision {installed} is installed, and {running.revision} runs"
        checks.append(Check(area, Level.WARNING, text, "restart Mailock"))
    return checks or [Check(area, Level.OK, f"it runs, with policy revision {running.revision}")]


def judge_relay(installed: Installed, foreign: Address) -> list[Check]:
    """Whether we would take mail from outside for anybody in the world (DECISIONS 16)."""
    area = "open relay"
    checks = []
    for rule in installed.routes.rules:
        everything = any(pattern.breadth is Breadth.ANY for pattern in rule.patterns)
        if everything and rule.forwards and rule.takes is Direction.INCOMING and rule.verification is Verification.NONE:
            text = f"rule {rule.name} takes mail from outside for every domain, and nothing verifies its recipients"
            mend = "name your domains in the rule, or set verification; else all hangs on what its next hop refuses"
            checks.append(Check(area, Level.WARNING, text, mend))
    placed = place(installed.routes, foreign, internal=False)
    if (
        isinstance(placed, Placed)
        and not checks
        and placed.rule.forwards
        and placed.rule.verification is Verification.NONE
    ):
        text = f"mail from outside for {foreign} is taken by rule {placed.rule.name}"
        checks.append(Check(area, Level.ERROR, text, "correct the rule's domain"))
    return checks or [Check(area, Level.OK, "mail from outside is taken for your own domains only")]


def _some(names: Sequence[str], most: int = 5) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def _dotted(numbers: Iterable[int]) -> str:
    return ".".join(map(str, numbers))
