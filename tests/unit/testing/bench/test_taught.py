"""The figures of the online protocol, and the index that it goes by."""

from pathlib import Path

import pytest

from mailock.testing.bench.taught import Judged, entries, figures


def judged(*scores: tuple[bool, float]) -> list[Judged]:
    return [Judged(str(number), spam, score, 0.002) for number, (spam, score) in enumerate(scores)]


def test_the_missed_area_counts_the_pairs_that_stand_the_wrong_way_round() -> None:
    assert figures(judged((True, 9.0), (True, 6.0), (False, 1.0), (False, -3.0))).missed_area == 0.0
    # Of four pairs one stands wrong, and one is even.
    found = figures(judged((True, 9.0), (True, 1.0), (False, 1.0), (False, 4.0)))
    assert found.missed_area == pytest.approx(100 * 1.5 / 4)
    assert (found.ham_flagged, found.spam_missed, found.milliseconds) == (0.0, 50.0, 2.0)


def test_one_class_alone_measures_nothing() -> None:
    with pytest.raises(ValueError, match="one class"):
        figures(judged((True, 9.0)))


def test_an_index_names_messages_beside_it(tmp_path: Path) -> None:
    index = tmp_path / "index"
    index.write_text("spam ../data/inmail.1\n\nHAM inmail 2\n")
    assert list(entries(index)) == [(True, tmp_path / "../data/inmail.1"), (False, tmp_path / "inmail 2")]
    index.write_text("spam a\nmaybe b\n")
    with pytest.raises(ValueError, match=r"index:2"):
        list(entries(index))
