"""The past of an author counts where he proved who he is, and nowhere else."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from mailock.core.authentication.authentication import Authentication
from mailock.core.reputation.history import AGAINST, FOR, Record
from mailock.engines.reputation.senders import KIND, MANIFEST, SenderHistory, sender_of
from mailock.ports.engine import Heard
from mailock.storage.remembrance import KeptRemembrance
from tests.parts.hand_clock import HandClock
from tests.parts.stories import message


def weighed(folder: Path, proven: str | None, *, good: float = 0.0, bad: float = 0.0) -> list[float]:
    clock = HandClock()
    kept = KeptRemembrance(folder)
    kept.keep_record("sender.com", Record(good, bad, clock.now()))
    told = cast(Authentication, SimpleNamespace(authenticated_author=proven)) if proven is not None else None
    heard = Heard(message=message(), authentication=told, findings=(), links=())
    found = SenderHistory(kept, clock).conclude(heard)
    assert all(one.kind == KIND and one.kind in MANIFEST.kinds and "sender.com" in one.evidence for one in found)
    return [one.weight for one in found]


def test_a_proven_author_is_judged_by_his_past(tmp_path: Path) -> None:
    (good,) = weighed(tmp_path, "Ann@news.sender.com", good=40.0)
    (bad,) = weighed(tmp_path, "ann@sender.com", bad=40.0)
    assert FOR <= good < 0 < bad <= AGAINST
    assert weighed(tmp_path, "ann@sender.com", good=2.0) == []


@pytest.mark.parametrize("proven", [None, "", "ann@other.com"])
def test_without_proof_no_past_counts(tmp_path: Path, proven: str | None) -> None:
    assert weighed(tmp_path, proven, good=40.0) == []


def test_where_anybody_gets_an_address_each_has_a_past_of_his_own() -> None:
    assert sender_of("Ann@GMail.com") == "ann@gmail.com"
    assert sender_of("ann@mail.example.co.uk") == "example.co.uk"
