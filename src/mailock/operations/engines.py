"""What is thought of the engines that depend on others: for the doctor, and for those who are told at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mailock.core.evidence.health import Health, State
from mailock.operations.doctor import Check, Level
from mailock.ports.alerts import Alert

FAILING_SECONDS: Final = 60.0
"""How long an engine must have been failing before anybody is told: a restart is no news."""
LIST_SECONDS: Final = 300.0
"""How long a list in the DNS: a resolver has its bad minutes."""
SLOW_SECONDS: Final = 600.0
_MENDS: Final = {
    "clamav": "start clamd, or correct [anti_virus] clamav",
    "feeds": "put the file in place, or correct [[anti_virus.feed]]",
    "rspamd": "start rspamd, or correct [anti_spam.rspamd] server",
    "spamassassin": "start spamd, or correct [anti_spam.spamassassin] server",
}
_LIST: Final = "dns "
_OF_LIST: Final = "see whether it is still there for your DNS server, or take it out of [[reputation.dns]]"
_OF_ICAP: Final = "start the ICAP server, or correct [anti_virus] icap"


def judge_engines(healths: Iterable[Health]) -> list[Check]:
    """Each engine, as it answered when it was asked just now."""
    return [check for health in healths for check in _judge(health)]


def _judge(health: Health) -> list[Check]:
    area = f"engine {health.engine}"
    if health.state is State.FAILING:
        return [Check(area, Level.ERROR, health.error, _mend(health))]
    checks = [Check(area, Level.WARNING, note) for note in health.notes]
    if health.state is State.SLOW:
        text = f"it took {health.milliseconds / 1000:.1f} s to answer"
        checks.append(Check(area, Level.WARNING, text, "look at its load, and at the memory of its machine"))
    return checks or [Check(area, Level.OK, f"it answers: {health.version or 'it names no version'}")]


def judge_rules(mistakes: Iterable[str], *, files: int, version: str) -> list[Check]:
    """The YARA rules, as they compile now."""
    area = "engine yara"
    wrong = [
        Check(area, Level.ERROR, text, "correct it; until then the rules stay as they were installed last")
        for text in mistakes
    ]
    more = f" and {files} file{'' if files == 1 else 's'} of rules" if files else ""
    return wrong or [Check(area, Level.OK, f"the built-in rules{more} compile: {version}")]


def alerts_of(healths: Iterable[Health], now: float) -> list[Alert]:
    """What somebody has to know: engines that have been failing, or slow, for too long. `now`: Unix seconds."""
    told: list[Alert] = []
    for health in healths:
        minutes = (now - health.since) / 60
        if health.state is State.FAILING and now - health.since >= _patience(health):
            text = f"engine {health.engine} has been failing for {minutes:.0f} minutes: {health.error}"
            told.append(Alert(kind="engine", about=health.engine, text=f"{text} ({_mend(health)})", at=now))
        elif health.state is State.SLOW and now - health.since >= SLOW_SECONDS:
            text = (
                f"engine {health.engine} has been slow for {minutes:.0f} minutes: {health.milliseconds:.0f} ms a part"
            )
            told.append(Alert(kind="engine", about=health.engine, text=text, at=now))
    return told


@dataclass(frozen=True, slots=True)
class Change:
    """An engine that came into another state."""

    health: Health
    text: str


def changes(before: dict[str, State], healths: Iterable[Health]) -> list[Change]:
    """What the log is told: each change of state, once. `before` is brought up to date."""
    found: list[Change] = []
    for health in healths:
        former = before.get(health.engine, State.UNTRIED)
        if health.state is former:
            continue
        before[health.engine] = health.state
        detail = health.error if health.failing else health.version
        found.append(
            Change(health, f"engine {health.engine} is {health.state.value}" + (f": {detail}" if detail else ""))
        )
    return found


def _patience(health: Health) -> float:
    return LIST_SECONDS if health.engine.startswith(_LIST) else FAILING_SECONDS


def _mend(health: Health) -> str:
    if health.engine.startswith(_LIST):
        return _OF_LIST
    return _MENDS.get(health.engine, _OF_ICAP if health.engine.startswith("icap") else "see its log")
