"""Replies: one severity, lines within bounds, and what they mean."""

import pytest

from mailock.core.smtp.reply import LINE_OCTETS, Outcome, Reply, is_enhanced


def test_renders_one_line() -> None:
    assert Reply.of(550, "5.1.1", "No such mailbox").wire == b"550 5.1.1 No such mailbox\r\n"


def test_renders_many_lines_with_the_enhanced_code_on_each() -> None:
    assert Reply.of(554, "5.7.1", "Spam", "Really").wire == b"554-5.7.1 Spam\r\n554 5.7.1 Really\r\n"


def test_renders_without_text_and_without_enhanced_code() -> None:
    assert Reply.of(250, "").wire == b"250 \r\n"
    assert Reply.of(250, "", "mx", "SIZE 5").wire == b"250-mx\r\n250 SIZE 5\r\n"


def test_renders_once() -> None:
    reply = Reply.of(250, "2.0.0", "Ok")
    assert reply.wire is reply.wire


def test_text_cannot_forge_a_reply() -> None:
    assert Reply.of(550, "5.0.0", "a\r\n250 2.0.0 ü\x7f").wire == b"550 5.0.0 a??250 2.0.0 ??\r\n"


def test_a_line_is_cut_to_its_bound() -> None:
    wire = Reply.of(550, "5.0.0", "x" * 1000).wire
    assert len(wire) == LINE_OCTETS


@pytest.mark.parametrize(
    ("code", "enhanced"), [(550, "4.1.1"), (250, "5.0.0"), (354, "2.0.0"), (550, "5.1"), (550, "5.1.x")]
)
def test_two_severities_cannot_be_built(code: int, enhanced: str) -> None:
    with pytest.raises(ValueError, match="two severities"):
        Reply.of(code, enhanced, "x")


@pytest.mark.parametrize("code", [199, 600, 0])
def test_no_code_cannot_be_built(code: int) -> None:
    with pytest.raises(ValueError, match="not a reply code"):
        Reply.of(code, "", "x")


@pytest.mark.parametrize(
    ("code", "outcome", "positive"),
    [
        (250, Outcome.SENT, True),
        (354, Outcome.DEFERRED, True),
        (450, Outcome.DEFERRED, False),
        (550, Outcome.FAILED, False),
    ],
)
def test_means(code: int, outcome: Outcome, positive: bool) -> None:
    reply = Reply.of(code, "", "x")
    assert reply.outcome is outcome
    assert reply.positive is positive


def test_softens_both_codes() -> None:
    assert Reply.of(550, "5.7.1", "No").softened() == Reply.of(450, "4.7.1", "No")
    assert Reply.of(554, "", "No").softened() == Reply.of(454, "", "No")
    assert Reply.of(250, "2.0.0", "Ok").softened() == Reply.of(250, "2.0.0", "Ok")


def test_is_shown_in_one_line() -> None:
    assert str(Reply.of(554, "5.7.1", "Spam", "", "Really")) == "554 5.7.1 Spam Really"
    assert str(Reply.of(220, "", "Hello")) == "220 Hello"


@pytest.mark.parametrize("text", ["2.0.0", "4.123.999", "5.7.1"])
def test_status_codes(text: str) -> None:
    assert is_enhanced(text)


@pytest.mark.parametrize("text", ["", "3.0.0", "5.7", "5.7.1.1", "5..1", "5.7.1234", "5.7.a", "5.7.²"])
def test_no_status_codes(text: str) -> None:
    assert not is_enhanced(text)
