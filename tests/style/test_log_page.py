"""docs/log.md lists every field, every status and every term of a query: others build on them."""

import re
from collections.abc import Iterable
from pathlib import Path

from mailock.core.lifecycle.apply import fold
from mailock.core.lifecycle.measures import Measure
from mailock.core.lifecycle.query import Where
from mailock.core.lifecycle.timeline import timeline
from mailock.core.mail.status import Status
from mailock.operations.track import line_json, record_json
from tests.parts.stories import delivered, refused

PAGE = (Path(__file__).parents[2] / "docs" / "log.md").read_text(encoding="utf-8")
LISTED = frozenset(re.findall(r"`([^`]+)`", PAGE))


def fields() -> Iterable[str]:
    """Every field of what `--json` prints."""
    record = record_json(fold(delivered(1)))
    yield from record
    for nested in (record["recipients"], [record_json(fold([refused()]))["refused"]]):
        assert isinstance(nested, list)
        (first,) = nested
        assert isinstance(first, dict)
        yield from first
    yield from line_json(timeline(delivered(1))[0])


def test_every_field_is_listed() -> None:
    assert [field for field in fields() if field not in LISTED] == []


def test_every_status_is_listed() -> None:
    assert [status.value for status in Status if status.value not in LISTED] == []


def test_every_measure_is_listed() -> None:
    assert [measure.value for measure in Measure if measure.value not in LISTED] == []


def test_every_term_of_a_query_is_listed() -> None:
    wanted = [f"{where.value}:" for where in Where if where.value]
    assert [term for term in [*wanted, "status:", "size>", "since:"] if term not in LISTED] == []
