"""What holds for every test: which may share the machine, how much chance they get, and what was not run and why."""

import os
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).resolve().parent
# Suites that fill disks, take the whole machine or watch clocks.
SERIAL_SUITES = frozenset({"crash", "browser", "upgrade"})
# Suites that start real programs, for which they mostly wait: two at a time, but not beside what computes.
PROGRAM_SUITES = frozenset({"e2e"})

pytest_plugins = ["tests.parts.fixtures"]

settings.register_profile(
    "house", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("fuzz", parent=settings.get_profile("house"), derandomize=False, max_examples=2_000)
settings.load_profile(os.environ.get("MAILOCK_CHANCE", "house"))


def suite_of(path: Path) -> str:
    """The folder under tests/ that a test file belongs to: `unit`, `e2e`, …"""
    try:
        return path.resolve().relative_to(TESTS).parts[0]
    except ValueError:
        return "elsewhere"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what may not share the machine, by the suite it stands in."""
    for item in items:
        suite = suite_of(item.path)
        if suite in SERIAL_SUITES:
            item.add_marker(pytest.mark.serial)
        elif suite in PROGRAM_SUITES and item.get_closest_marker("serial") is None:
            item.add_marker(pytest.mark.programs)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the suites from which something was skipped: a silent skip looks like a pass."""
    reasons: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for report in terminalreporter.getreports("skipped"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        suite = suite_of(Path(report.nodeid.partition("::")[0]))
        reasons[suite][reason.removeprefix("Skipped: ")] += 1
    if not reasons:
        return
    terminalreporter.section("skipped, by suite", sep="-")
    for suite in sorted(reasons):
        for reason, count in sorted(reasons[suite].items()):
            terminalreporter.write_line(f"tests/{suite}: {count} skipped: {reason}")
