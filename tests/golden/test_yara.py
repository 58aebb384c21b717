"""The built-in rules on ordinary mail that nobody here wrote: none of them matches."""

from collections.abc import Callable
from pathlib import Path

from mailock.core.mime.parse import parse
from mailock.engines.yara.engine import Yara
from tests.parts.specimens import specimen


def test_no_built_in_rule_matches_ordinary_mail(test_data: Callable[[str], Path]) -> None:
    engine, messages = Yara(), 0
    for path in sorted(test_data("spamassassin-npm").rglob("*")):
        if not path.is_file() or "ham" not in path.relative_to(path.parents[3]).as_posix():
            continue
        messages += 1
        octets = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        for part in parse(octets).parts:
            for reading in part.readings:
                assert not list(engine.look(specimen(reading.content))), path.name
    assert messages >= 4150
