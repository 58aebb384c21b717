"""Files are made in a process of their own, which is bounded: what it cannot do is said in a sentence."""

import subprocess
import sys

import pytest

from mailock.console.press import Order, pressed
from mailock.core.lifecycle.apply import fold
from mailock.operations.track import record_json
from tests.parts.stories import delivered

HUGE = [record_json(fold(delivered())) | {"subject": f"{n} " + "x" * 30_000} for n in range(4000)]


def test_what_takes_too_much_memory_is_told_and_ends() -> None:
    with pytest.raises(OSError, match="making the file took more than 256 MiB: take a shorter time, or CSV"):
        pressed(Order(form="xlsx", now=0.0, messages=HUGE), memory=256 << 20)


def test_what_takes_too_long_is_told_and_ends() -> None:
    with pytest.raises(OSError, match="making the file took more than 0 s"):
        pressed(Order(form="xlsx", now=0.0), seconds=0.01)


def test_what_breaks_is_a_bug_and_no_file() -> None:
    with pytest.raises(RuntimeError, match="ended with 1"):
        pressed(Order(form="xlsx", now=0.0, messages=[{}]))


def test_the_console_never_holds_what_makes_files() -> None:
    told = "import sys, mailock.console.app; print([one for one in ('xlsxwriter', 'reportlab') if one in sys.modules])"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "[]\n"
