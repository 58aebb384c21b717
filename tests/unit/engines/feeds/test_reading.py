"""Feeds as their keepers write them."""

import pytest

from mailock.config.antivirus import Danger, Feed, FeedFormat, Lists
from mailock.engines.feeds.reading import NoFeed, read_entries


def feed(lists: Lists, format_: FeedFormat = FeedFormat.AUTO, column: str | None = None) -> Feed:
    """A feed; its file is of no interest here."""
    return Feed(name="f", file="/f", lists=lists, format=format_, column=column)


def entries(text: str, of: Feed) -> list[tuple[int, str]]:
    """Lines and texts."""
    return [(entry.line, entry.text) for entry in read_entries(text.splitlines(), of)]


def test_a_list_has_an_entry_a_line_and_comments() -> None:
    text = "# a comment\n\nhttp://a.test/ # why\n; too\n! and\n// this\n  b.test/x\thidden\n"
    assert entries(text, feed(Lists.URLS)) == [(3, "http://a.test/"), (7, "b.test/x")]


def test_a_file_of_hosts_is_known_by_its_addresses() -> None:
    text = "# hosts\n127.0.0.1 localhost\n0.0.0.0 a.test b.test # ads\n0.0.0.0 c.test\n::1 localhost\n"
    assert entries(text, feed(Lists.DOMAINS)) == [(3, "a.test"), (3, "b.test"), (4, "c.test")]
    assert entries("0.0.0.0 a.test\n", feed(Lists.DOMAINS, FeedFormat.HOSTS)) == [(1, "a.test")]
    assert entries("192.0.2.1\n192.0.2.2\n", feed(Lists.DOMAINS)) == [(1, "192.0.2.1"), (2, "192.0.2.2")]


def test_columns_are_known_by_their_names_in_a_comment_too() -> None:
    text = (
        "# Downloaded somewhere\n#\n"
        '# "id","dateadded","url","url_status"\n'
        '"1","2026-11-24","http://a.test/x,y","online"\n'
        "# more\n"
        '"2","2026-11-24","http://b.test/","offline"\n'
    )
    assert entries(text, feed(Lists.URLS)) == [(4, "http://a.test/x,y"), (6, "http://b.test/")]


def test_each_digest_of_a_row_counts_and_its_severity() -> None:
    text = "sha256_hash;md5_hash;severity\naa;bb;high\ncc;n/a;low\ndd;;strange\n"
    found = list(read_entries(text.splitlines(), feed(Lists.HASHES)))
    assert [(one.text, one.danger) for one in found] == [
        ("aa", Danger.MALICIOUS),
        ("bb", Danger.MALICIOUS),
        ("cc", Danger.NOTE),
        ("dd", Danger.MALICIOUS),
    ]


def test_a_column_may_be_named_and_has_to_be_there() -> None:
    text = "when\twhat\n1\ta.test\n2\n"
    assert entries(text, feed(Lists.DOMAINS, column="what")) == [(2, "a.test")]
    with pytest.raises(NoFeed, match="no column nosuch: set column"):
        read_entries(text.splitlines(), feed(Lists.DOMAINS, FeedFormat.CSV, column="nosuch"))
    with pytest.raises(NoFeed, match="no column url or"):
        read_entries(["a,b"], feed(Lists.URLS, FeedFormat.CSV))


def test_a_line_without_an_end_is_left_out() -> None:
    assert entries("x" * 100_000 + "\na.test\n", feed(Lists.DOMAINS)) == [(2, "a.test")]
