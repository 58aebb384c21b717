"""What is thought of engines that depend on others: what the doctor says, and when somebody is told."""

from dataclasses import replace

from mailock.core.evidence.health import Health, State
from mailock.operations.doctor import Level
from mailock.operations.engines import FAILING_SECONDS, SLOW_SECONDS, alerts_of, changes, judge_engines, judge_rules

UP = Health(engine="clamav", state=State.UP, since=100, version="ClamAV 1.4.6", milliseconds=3)
FAILING = replace(UP, state=State.FAILING, since=100, error="unix:/x cannot be reached: refused")
SLOW = replace(UP, state=State.SLOW, since=100, milliseconds=12_000)


def test_one_that_answers_is_in_order_and_says_its_version() -> None:
    (check,) = judge_engines([UP])
    assert (check.area, check.level, check.text) == ("engine clamav", Level.OK, "it answers: ClamAV 1.4.6")


def test_one_that_fails_is_an_error_with_its_mend() -> None:
    (check,) = judge_engines([FAILING])
    assert (check.level, check.text) == (Level.ERROR, "unix:/x cannot be reached: refused")
    assert check.mend == "start clamd, or correct [anti_virus] clamav"
    (second,) = judge_engines([replace(FAILING, engine="icap2")])
    assert "ICAP" in second.mend


def test_what_deserves_a_look_is_a_warning_each() -> None:
    noted = replace(SLOW, notes=("its signatures are 9 days old: run freshclam, and see its log",))
    checks = judge_engines([noted])
    assert [check.level for check in checks] == [Level.WARNING, Level.WARNING]
    assert "it took 12.0 s to answer" in checks[1].text


def test_rules_that_do_not_compile_are_errors_each_in_its_own_words() -> None:
    checks = judge_rules(["a.yar:1: x", "b.yar:2: y"], files=0, version="")
    assert [(check.level, check.text) for check in checks] == [(Level.ERROR, "a.yar:1: x"), (Level.ERROR, "b.yar:2: y")]
    (good,) = judge_rules((), files=2, version="1/ab")
    assert good.text == "the built-in rules and 2 files of rules compile: 1/ab"


def test_somebody_is_told_of_what_lasts_and_not_of_a_restart() -> None:
    assert alerts_of([UP, FAILING, SLOW], 100 + FAILING_SECONDS - 1) == []
    (alert,) = alerts_of([UP, FAILING, SLOW], 100 + FAILING_SECONDS)
    assert (alert.kind, alert.about) == ("engine", "clamav")
    assert alert.text.startswith("engine clamav has been failing for 1 minutes: unix:/x cannot be reached: refused")
    assert len(alerts_of([SLOW], 100 + SLOW_SECONDS)) == 1


def test_each_change_of_state_is_told_once() -> None:
    states: dict[str, State] = {}
    told = [change.text for health in (UP, UP, FAILING, FAILING, UP) for change in changes(states, [health])]
    assert told == [
        "engine clamav is up: ClamAV 1.4.6",
        "engine clamav is failing: unix:/x cannot be reached: refused",
        "engine clamav is up: ClamAV 1.4.6",
    ]
