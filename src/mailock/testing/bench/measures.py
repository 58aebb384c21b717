"""Every measure that Mailock has to reach, with its target: the catalogue of `mailock bench relay`."""

from mailock.testing.bench.backlog import Backlog
from mailock.testing.bench.figures import AtLeast, AtLeastTimes, AtMost, Figure, Measure, Target, Unit
from mailock.testing.bench.load import Load
from mailock.testing.bench.side import After
from mailock.testing.bench.throughput import Latency, Rate
from mailock.testing.bench.weight import IdleWeight, StreamWeight

_TEN_KIB, _MIB = 10 * 1024, 2**20
_US, _POSTFIX, _HARAKA = "mailock", "postfix", "haraka"


def _rate(name: str, title: str, rate: Rate, *, targets: tuple[AtLeastTimes, ...], seconds: float = 180.0) -> Measure:
    return Measure(
        name=name,
        figures=(Figure(title=title, unit=Unit.PER_SECOND, targets=targets),),
        sides=(_US, *(target.peer for target in targets)),
        repetitions=None,
        seconds=seconds,
        long=False,
        once=rate,
    )


def _times(peer: str, factor: float) -> AtLeastTimes:
    return AtLeastTimes(peer=peer, factor=factor)


def _figure(title: str, unit: Unit, *targets: Target) -> Figure:
    return Figure(title=title, unit=unit, targets=targets)


RELAY: tuple[Measure, ...] = (
    _rate(
        "accept",
        "accepted only, 10 KiB, a connection per message, 20 sessions",
        Rate(load=Load(messages=10_000, size=_TEN_KIB, sessions=20, kept_open=False), after=After.HOLD, tls=False),
        targets=(_times(_POSTFIX, 4),),
    ),
    _rate(
        "accept-open",
        "accepted only, 10 KiB, open connections, 50 sessions",
        Rate(load=Load(messages=20_000, size=_TEN_KIB, sessions=50, kept_open=True), after=After.HOLD, tls=False),
        targets=(_times(_POSTFIX, 8),),
    ),
    _rate(
        "relay",
        "accepted and relayed, 10 KiB, a connection per message, 20 sessions",
        Rate(load=Load(messages=10_000, size=_TEN_KIB, sessions=20, kept_open=False), after=After.RELAY, tls=False),
        targets=(_times(_POSTFIX, 3), _times(_HARAKA, 3)),
    ),
    _rate(
        "relay-open",
        "accepted and relayed, 10 KiB, open connections, 50 sessions",
        Rate(load=Load(messages=15_000, size=_TEN_KIB, sessions=50, kept_open=True), after=After.RELAY, tls=False),
        targets=(_times(_POSTFIX, 5), _times(_HARAKA, 4)),
    ),
    _rate(
        "relay-1mib",
        "accepted and relayed, 1 MiB, open connections, 10 sessions",
        Rate(load=Load(messages=1_000, size=_MIB, sessions=10, kept_open=True), after=After.RELAY, tls=False),
        targets=(_times(_POSTFIX, 2),),
    ),
    _rate(
        "relay-starttls",
        "accepted and relayed, 10 KiB, STARTTLS with a new handshake per message, 20 sessions",
        Rate(load=Load(messages=5_000, size=_TEN_KIB, sessions=20, kept_open=False), after=After.RELAY, tls=True),
        targets=(_times(_POSTFIX, 1.5),),
    ),
    Measure(
        name="memory",
        figures=(
            _figure("memory of all processes, idle", Unit.MEBIBYTES, AtMost(value=150)),
            _figure("memory of all processes, 10,000 idle connections", Unit.MEBIBYTES, AtMost(value=400)),
        ),
        sides=(_US,),
        repetitions=None,
        seconds=180,
        long=False,
        once=IdleWeight(connections=10_000, tls=False),
    ),
    Measure(
        name="memory-tls",
        figures=(
            _figure("memory of all processes, idle, STARTTLS offered", Unit.MEBIBYTES, AtMost(value=150)),
            _figure("memory of all processes, 10,000 idle TLS connections", Unit.MEBIBYTES, AtMost(value=500)),
        ),
        sides=(_US,),
        repetitions=None,
        seconds=300,
        long=False,
        once=IdleWeight(connections=10_000, tls=True),
    ),
    Measure(
        name="memory-stream",
        figures=(_figure("memory added while 100 MiB stream in and out", Unit.MEBIBYTES, AtMost(value=32)),),
        sides=(_US,),
        repetitions=None,
        seconds=120,
        long=False,
        once=StreamWeight(size=100 * _MIB),
    ),
    Measure(
        name="latency",
        figures=(_figure("wait for the 250 at half the greatest rate, p99", Unit.MILLISECONDS, AtMost(value=20)),),
        sides=(_US, _POSTFIX),
        repetitions=None,
        seconds=180,
        long=False,
        once=Latency(load=Load(messages=10_000, size=_TEN_KIB, sessions=50, kept_open=True), seconds=20),
    ),
    Measure(
        name="backlog",
        figures=(
            _figure("1,000,000 messages deferred: start to the first 250", Unit.SECONDS, AtMost(value=5)),
            _figure("1,000,000 messages deferred: accept rate against an empty queue", Unit.TIMES, AtLeast(value=0.8)),
        ),
        sides=(_US,),
        repetitions=1,
        seconds=3_000,
        long=True,
        once=Backlog(deferred=1_000_000, probe=20_000),
    ),
)
