"""Every story in this folder happens as written, and happens alike however the octets are cut."""

from pathlib import Path

import pytest

from tests.playbooks.script import read
from tests.playbooks.theatre import Cut, one_by_one, play, whole

STORIES = sorted(Path(__file__).parent.glob("*/*.txt"))


@pytest.mark.parametrize("cut", [whole, one_by_one])
@pytest.mark.parametrize("story", STORIES, ids=[f"{path.parent.name}/{path.stem}" for path in STORIES])
def test_happens_as_written(story: Path, cut: Cut) -> None:
    playbook = read(story)
    happened = play(playbook, cut)
    wanted = [list(playbook.opening), *(list(turn.expected) for turn in playbook.turns)]
    shown = [(), *(turn.shown for turn in playbook.turns)]
    for said, want, had in zip(shown, wanted, happened, strict=True):
        assert _spoken_first(had) == _spoken_first(want), f"after {said}"


def _spoken_first(lines: list[str]) -> list[str]:
    """Replies of a pipelined group leave together, so only the order among them, and among the rest, is told."""
    return sorted(lines, key=lambda line: not line.startswith(("S:", "C")))


def test_there_are_stories() -> None:
    assert len(STORIES) > 50
