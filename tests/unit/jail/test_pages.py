"""Large pages hold what the small ones held."""

import mmap
import os
from pathlib import Path

from mailock.jail.linux import pages

_LARGE = 2 << 20
_SWITCH = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def test_memory_in_one_piece_is_found_and_keeps_what_is_in_it() -> None:
    before = pages.own_memory()
    with mmap.mmap(-1, 4 * _LARGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        for at in range(0, len(memory), mmap.PAGESIZE):
            memory[at : at + 8] = at.to_bytes(8, "little")
        ours = tuple(sorted(set(pages.own_memory()) - set(before)))
        assert len(ours) >= 3
        made = pages.enlarge(ours)
        # Before Linux 6.1 there is no such call, some kernels have no large pages, and then nothing is changed.
        has_call = tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 1)
        assert made > 0 or not (has_call and _SWITCH.exists())
        for at in range(0, len(memory), mmap.PAGESIZE):
            assert memory[at : at + 8] == at.to_bytes(8, "little")


def test_a_place_that_is_not_ours_is_left_alone() -> None:
    assert pages.enlarge((_LARGE,)) == 0
