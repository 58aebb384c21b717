"""The fixed replies: each renders, and none carries two severities."""

from mailock.core.smtp import phrases
from mailock.core.smtp.reply import Reply

FIXED = {name: value for name, value in vars(phrases).items() if isinstance(value, Reply)}


def test_each_is_one_short_line() -> None:
    assert len(FIXED) > 30
    for name, reply in FIXED.items():
        assert reply.wire.endswith(b"\r\n"), name
        assert len(reply.wire) < 80, name


def test_all_refusals_have_an_enhanced_code() -> None:
    assert all(reply.enhanced for reply in FIXED.values() if reply.code >= 400)


def test_no_two_are_the_same() -> None:
    assert len(set(FIXED.values())) == len(FIXED)
