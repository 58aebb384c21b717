"""Every measure of scanning that Mailock has to reach, with its target: the catalogue of `mailock bench scan`."""

from collections.abc import Sequence

from mailock.testing.bench.figures import AtLeastTimes, AtMost, Figure, Measure, Run, Unit
from mailock.testing.bench.mailbag import all_sorts, thousand_files, typical
from mailock.testing.bench.scanned import ScanDelay, ScanIdle, ScanLarge, ScanRate

_US, _PEER = "mailock", "postfix+rspamd"


def _same(run: Run, count: int) -> Sequence[bytes]:
    return [typical()] * count


def _different(run: Run, count: int) -> Sequence[bytes]:
    return all_sorts(run.data, count)


def _large(run: Run, count: int) -> Sequence[bytes]:
    return [thousand_files(run.count(25 * 2**20), run.count(1_000))] * count


def _rate(name: str, title: str, rate: ScanRate, factor: float) -> Measure:
    return Measure(
        name=name,
        figures=(Figure(title=title, unit=Unit.PER_SECOND, targets=(AtLeastTimes(peer=_PEER, factor=factor),)),),
        sides=(_US, _PEER),
        repetitions=None,
        seconds=300,
        long=False,
        once=rate,
    )


SCAN: tuple[Measure, ...] = (
    _rate(
        "scan",
        "examined and relayed, 12 KiB multipart, 20 sessions",
        ScanRate(mails=_same, messages=2_000, sessions=20, clamav=False, passing=False),
        2,
    ),
    _rate(
        "scan-clamav",
        "the same with ClamAV on both sides",
        ScanRate(mails=_same, messages=2_000, sessions=20, clamav=True, passing=False),
        2,
    ),
    _rate(
        "scan-mixed",
        "examined and relayed, every message different, ham and spam, 20 sessions",
        ScanRate(mails=_different, messages=2_000, sessions=20, clamav=False, passing=True),
        1.5,
    ),
    Measure(
        name="scan-memory",
        figures=(
            Figure(
                title="memory of all processes, idle, two workers",
                unit=Unit.MEBIBYTES,
                targets=(AtMost(value=400),),
            ),
        ),
        sides=(_US, _PEER),
        repetitions=None,
        seconds=120,
        long=False,
        once=ScanIdle(),
    ),
    Measure(
        name="scan-delay",
        figures=(
            Figure(
                title="added delay, idle, 12 KiB multipart, p50", unit=Unit.MILLISECONDS, targets=(AtMost(value=15),)
            ),
            Figure(
                title="added delay, idle, 12 KiB multipart, p99", unit=Unit.MILLISECONDS, targets=(AtMost(value=60),)
            ),
        ),
        sides=(_US, _PEER),
        repetitions=None,
        seconds=180,
        long=False,
        once=ScanDelay(mails=_same, messages=500),
    ),
    Measure(
        name="scan-large",
        figures=(
            Figure(
                title="25 MiB with a zip of 1,000 files, until relayed", unit=Unit.SECONDS, targets=(AtMost(value=3),)
            ),
            Figure(title="memory added meanwhile", unit=Unit.MEBIBYTES, targets=(AtMost(value=300),)),
        ),
        sides=(_US, _PEER),
        repetitions=None,
        seconds=180,
        long=False,
        once=ScanLarge(mails=_large),
    ),
)
