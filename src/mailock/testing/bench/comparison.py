"""Runs measures side by side, in turns, and keeps what they gave."""

import datetime
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mailock.testing.bench.figures import Measure, Outcome, Reading, Run
from mailock.testing.bench.machine import Machine, describe
from mailock.testing.bench.programs import CannotMeasureError
from mailock.testing.bench.side import Certificate, Side

# The kernel takes 107 bytes for the path of a socket, and the sides put theirs a few folders down.
_LONGEST_PATH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to measure, on which sides, and how thoroughly."""

    measures: tuple[Measure, ...]
    sides: tuple[Side, ...]
    repetitions: int
    divisor: int
    """What every count is divided by: 1 for figures that mean something."""
    root: Path
    """A folder on a real disk, in which a temporary one is made."""
    data: Path | None = None
    """A folder with collections of mail, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A side that was asked for: its version, or why it is not there; and how it was set up."""

    name: str
    version: str | None
    absent: str | None
    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that one run of the bench found out."""

    begun: str
    machine: Machine
    divisor: int
    presences: tuple[Presence, ...]
    outcomes: tuple[Outcome, ...]

    def outcome(self, measure: Measure, side: str) -> Outcome | None:
        """What a measure gave on a side; None when it was not run there."""
        found = (one for one in self.outcomes if one.measure is measure and one.side == side)
        return next(found, None)

    @property
    def complete(self) -> bool:
        """Whether every measure could be taken on every side that is there."""
        return all(outcome.failure is None for outcome in self.outcomes)


def compare(plan: Plan, tell: Callable[[str], None]) -> Comparison:
    """Takes every measure of the plan; `tell` hears what is under way.

    What cannot be measured is told in the result. Raises CannotMeasureError when nothing at all can be.
    """
    with _temporary(plan.root, "mailock-bench-") as root:
        if len(str(root)) > _LONGEST_PATH:
            raise CannotMeasureError(f"{plan.root} is too long for the sockets below it: choose a shorter --dir")
        machine = describe(root)
        presences, there = [], {}
        for side in plan.sides:
            presence = _presence(side, tell)
            presences.append(presence)
            if presence.absent is None:
                there[side.name] = side
        certificate = _certificate(root)
        outcomes: list[Outcome] = []
        for measure in plan.measures:
            sides = [there[name] for name in measure.sides if name in there]
            outcomes.extend(_measured(measure, sides, plan, root, certificate, tell))
    return Comparison(
        begun=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        machine=machine,
        divisor=plan.divisor,
        presences=tuple(presences),
        outcomes=tuple(outcomes),
    )


def _measured(
    measure: Measure,
    sides: Sequence[Side],
    plan: Plan,
    root: Path,
    certificate: Certificate,
    tell: Callable[[str], None],
) -> Iterator[Outcome]:
    """In turns: every side once, then every side again. A side that failed is not tried again in this measure."""
    readings: Mapping[str, list[Reading]] = {side.name: [] for side in sides}
    failures: dict[str, str] = {}
    repetitions = measure.repetitions if measure.repetitions is not None else plan.repetitions
    for turn in range(repetitions):
        for side in sides:
            if side.name in failures:
                continue
            tell(f"{measure.name}: {side.name}, run {turn + 1} of {repetitions}")
            try:
                reading = _once(measure, side, plan, root, certificate)
            except CannotMeasureError as failure:
                failures[side.name] = str(failure)
                tell(f"{measure.name}: {side.name}: {failure}")
            else:
                readings[side.name].append(reading)
                tell(f"{measure.name}: {side.name}: {_brief(measure, reading)}")
    for side in sides:
        yield Outcome(
            measure=measure,
            side=side.name,
            readings=tuple(readings[side.name]),
            failure=failures.get(side.name),
        )


def _once(measure: Measure, side: Side, plan: Plan, root: Path, certificate: Certificate) -> Reading:
    with _temporary(root, "run-") as folder:
        run = Run(folder=folder, divisor=plan.divisor, certificate=certificate, seconds=measure.seconds, data=plan.data)
        return measure.once(side, run)


def _brief(measure: Measure, reading: Reading) -> str:
    values = [f"{value:.4g} {figure.unit.value}" for figure, value in zip(measure.figures, reading.values, strict=True)]
    return ", ".join([*values, *(f"{name} {value:.4g}" for name, value in reading.facts.items())])


def _presence(side: Side, tell: Callable[[str], None]) -> Presence:
    tell(f"looking for {side.name}")
    try:
        version = side.prepare()
    except CannotMeasureError as absence:
        return Presence(name=side.name, version=None, absent=str(absence), settings=())
    return Presence(name=side.name, version=version, absent=None, settings=side.settings())


@contextmanager
def _temporary(root: Path, prefix: str) -> Iterator[Path]:
    """A folder that daemons which dropped their rights may enter."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=root))
    except OSError as failure:
        raise CannotMeasureError(
            f"cannot make a folder in {root}: {failure.strerror}; choose another --dir"
        ) from failure
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _certificate(folder: Path) -> Certificate:
    """Signed by itself, on P-256 as most certificates are today."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench.test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("bench.test")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(certificate=folder / "bench.pem", key=folder / "bench.key")
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.touch(mode=0o600)
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made
