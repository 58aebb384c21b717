"""The bench runs Mailock and Postfix in turns, says what it found as JSON, and leaves nothing behind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.programs import need_root, private_dir, program

pytestmark = pytest.mark.serial
MAILOCK = str(Path(sys.executable).with_name("mailock"))


def _bench(*options: str, what: str = "relay") -> subprocess.CompletedProcess[str]:
    return subprocess.run([MAILOCK, "bench", what, *options], capture_output=True, text=True, timeout=180, check=False)


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


@pytest.mark.timeout(200)
def test_scanning_is_measured_against_postfix_with_rspamd() -> None:
    program("smtp-sink", package="postfix")
    program("rspamd", package="rspamd")
    program("unbound", package="unbound")
    need_root("postfix")
    options = ("--only", "scan", "--divide", "100", "--repetitions", "1", "--json")
    with private_dir("bench") as folder:
        done = _bench(*options, "--dir", str(folder), what="scan")
        left = list(folder.iterdir())
    assert done.returncode == 0, done.stdout
    (rate,) = json.loads(done.stdout)["measures"]
    for side in ("mailock", "postfix+rspamd"):
        (run,) = rate["sides"][side]["runs"]
        assert run["values"][0] > 0
        # A side that only carried the mail would take a fraction of this.
        assert run["facts"]["processor ms a message"] > 1.0
    assert list(rate["figures"][0]["ratios"]) == ["postfix+rspamd"]
    assert left == []


def test_what_the_scanning_bench_lacks_is_named_with_its_mend(tmp_path: Path) -> None:
    program("smtp-sink", package="postfix")
    program("unbound", package="unbound")
    options = ("--only", "scan-mixed", "--side", "mailock", "--data", str(tmp_path))
    with private_dir("bench") as folder:
        done = _bench(*options, "--repetitions", "1", "--dir", str(folder), what="scan")
    assert done.returncode == 3
    assert "--data" in done.stdout


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
