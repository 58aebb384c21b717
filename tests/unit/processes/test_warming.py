"""The letter that warms a worker up is an ordinary mail, so that it warms what ordinary mail needs."""

import os

from mailock.core.mime.parse import parse
from mailock.core.mime.part import PartPath
from mailock.processes.warming import ROUNDS, warm
from mailock.stations.examine.wire import read_order


def _seen() -> list[tuple[bytes, tuple[str, ...]]]:
    seen: list[tuple[bytes, tuple[str, ...]]] = []

    def task(order: bytes, body: int, output: int | None, emit: object) -> None:
        assert output is None
        seen.append((os.pread(body, 1 << 20, 0), read_order(order).engines))

    warm(task, ("urls", "html"))
    return seen


def test_the_engines_look_at_the_same_letter_again_and_again() -> None:
    seen = _seen()
    assert len(seen) == ROUNDS
    assert len(set(seen)) == 1
    assert seen[0][1] == ("urls", "html")


def test_it_has_text_html_and_a_picture_and_no_defects() -> None:
    anatomy = parse(_seen()[0][0])
    assert not anatomy.defects
    types = {part.path: part.types[0] for part in anatomy.parts}
    assert types == {
        PartPath("1"): "multipart/mixed",
        PartPath("1.1"): "multipart/alternative",
        PartPath("1.1.1"): "text/plain",
        PartPath("1.1.2"): "text/html",
        PartPath("1.2"): "image/png",
    }
    contents = [reading.content for part in anatomy.parts for reading in part.readings]
    assert any(content.startswith(b"\x89PNG\r\n\x1a\n") and content.endswith(b"IEND\xaeB`\x82") for content in contents)
    assert not any(b"{{" in content for content in contents)
