"""Queries: what people type, and what they are told when it is none."""

import pytest

from mailock.core.lifecycle.query import BadQuery, Query, Term, Where, parse_query
from mailock.core.mail.status import Status

NOW = 1_790_000_000.0
DAY = 86_400.0


def test_an_empty_query_means_everything() -> None:
    assert parse_query("  ", now=NOW) == Query()


def test_fields_words_and_quotes() -> None:
    query = parse_query('from:alice "annual report" Subject:"our offer" 192.0.2.1', now=NOW)
    assert query.terms == (
        Term(Where.FROM, "alice"),
        Term(Where.ANYWHERE, "annual report"),
        Term(Where.SUBJECT, "our offer"),
        Term(Where.ANYWHERE, "192.0.2.1"),
    )


def test_every_field_is_understood() -> None:
    words = " ".join(f"{where.value}:x1" for where in Where if where.value)
    assert [term.where for term in parse_query(words, now=NOW).terms] == [where for where in Where if where.value]


def test_statuses_add_up() -> None:
    query = parse_query("status:deferred,hold status:bounced", now=NOW)
    assert query.statuses == {Status.DEFERRED, Status.HOLD, Status.BOUNCED}


@pytest.mark.parametrize(
    ("text", "octets"), [("10", 10), ("10k", 10_000), ("1.5MB", 1_500_000), ("64KiB", 65_536), ("2g", 2_000_000_000)]
)
def test_sizes(text: str, octets: int) -> None:
    query = parse_query(f"size>{text} size<3g", now=NOW)
    assert (query.larger_than, query.smaller_than) == (octets, 3_000_000_000)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("30m", NOW - 1800),
        ("2d", NOW - 2 * DAY),
        ("2026-09-21", 1_789_948_800.0),
        ("2026-09-21T12:00", 1_789_992_000.0),
        ("2026-09-21T12:00+02:00", 1_789_984_800.0),
    ],
)
def test_times(text: str, moment: float) -> None:
    assert parse_query(f"since:{text}", now=NOW).since == moment
    assert parse_query(f"until:{text}", now=NOW).until == moment


def test_the_null_sender_and_a_system() -> None:
    query = parse_query("from:<> system:shop", now=NOW)
    assert (query.terms, query.virtual_system) == ((Term(Where.FROM, "<>"),), "shop")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("status:sent", "'sent' is not a status: there are new, scan_started"),
        ("colour:red", "there is no field colour:"),
        ("http://x.test/", 'put words that hold : in "quotes"'),
        ("size>huge", "'huge' is not a size"),
        ("since:yesterday", "'yesterday' is not a time"),
        ("since:99999-01-01", "is not a time"),
        ("from:@", "from: needs at least one letter or digit"),
        ("--", "a word needs at least one letter or digit"),
        ("from<alice", "there is no field from<"),
        ("since:1h until:2h", "since: is later than until:"),
    ],
)
def test_what_is_no_query_is_told_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(BadQuery) as told:
        parse_query(text, now=NOW)
    assert said in str(told.value)
    assert "\n" not in str(told.value)
