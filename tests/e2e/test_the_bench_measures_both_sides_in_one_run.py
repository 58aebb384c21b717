"""The bench runs Mailock and Postfix in turns, says what it found as JSON, and leaves nothing behind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.programs import need_root, private_dir, program

MAILOCK = str(Path(sys.executable).with_name("mailock"))


def _bench(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MAILOCK, "bench", "relay", *options], capture_output=True, text=True, timeout=180, check=False
    )


@pytest.mark.timeout(200)
def test_both_sides_are_measured_in_one_run_and_cleaned_away() -> None:
    program("smtp-source", package="postfix")
    need_root("postfix")
    options = ("--only", "relay-1mib", "--quick", "--repetitions", "1", "--json")
    with private_dir("bench") as folder:
        done = _bench(*options, "--dir", str(folder), "--side", "mailock", "--side", "postfix")
        left = list(folder.iterdir())
    assert done.returncode == 0, done.stdout
    assert done.stderr == ""
    found = json.loads(done.stdout)
    (measure,) = found["measures"]
    (figure,) = measure["figures"]
    assert figure["sides"]["mailock"]["median"] > 0
    assert figure["sides"]["postfix"]["median"] > 0
    assert figure["ratios"]["postfix"] == pytest.approx(
        figure["sides"]["mailock"]["median"] / figure["sides"]["postfix"]["median"]
    )
    for side in ("mailock", "postfix"):
        (run,) = measure["sides"][side]["runs"]
        # A message of this size is synced on its own by both; none at all would mean that 250 is a lie here.
        assert run["facts"]["disk flushes a message"] > 0
    assert left == []


def test_an_unknown_measure_is_wrong_use_and_names_those_that_there_are() -> None:
    done = _bench("--only", "relya")
    assert done.returncode == 2
    assert "relya" in done.stderr and "relay-open" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_folder_in_memory_is_refused_because_a_sync_costs_nothing_there() -> None:
    if not Path("/dev/shm").is_dir():
        pytest.skip("no /dev/shm here")
    done = _bench("--dir", "/dev/shm")
    assert done.returncode == 3
    assert "tmpfs" in done.stderr and "--dir" in done.stderr
