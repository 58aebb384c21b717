"""Receipts, and that what comes out of the jail as one is checked."""

import json

import pytest

from mailock.core.mime.part import Span
from mailock.core.rewriting.receipt import (
    MOST_KEPT,
    SHOWN,
    Change,
    Garbled,
    Kept,
    Receipt,
    kept_around,
    read_receipt,
    shown,
    write_receipt,
)

DIGEST = "ab" * 32
GIVEN = Receipt(
    changes=(Change(part="1.2", did="Removed part 1.2.", before=DIGEST), Change(part="", did="Put [SPAM] first.")),
    sha256_before=DIGEST,
    sha256_after="cd" * 32,
    size_before=10,
    size_after=12,
    kept=(Kept(Span(0, 4), 0), Kept(Span(6, 10), 8)),
)


def test_a_receipt_comes_back() -> None:
    assert read_receipt(write_receipt(GIVEN)) == GIVEN


def test_sentences_are_told_once() -> None:
    twice = Receipt(
        changes=(*GIVEN.changes, *GIVEN.changes),
        sha256_before=DIGEST,
        sha256_after=DIGEST,
        size_before=0,
        size_after=0,
        kept=(),
    )
    assert twice.sentences == ("Removed part 1.2.", "Put [SPAM] first.")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 2),
        ("changes", [["1"]]),
        ("changes", [[1, "x", "", ""]]),
        ("changes", [["1", "x", "no digest", ""]]),
        ("changes", 7),
        ("before", [DIGEST.upper(), 1]),
        ("before", []),
        ("after", [DIGEST, -1]),
        ("after", [DIGEST, True]),
        ("after", [DIGEST, "1"]),
        ("kept", [[0, 1]]),
        ("kept", [[0, 1, 0]] * (MOST_KEPT + 1)),
    ],
)
def test_what_is_no_receipt_is_refused(field: str, value: object) -> None:
    document = json.loads(write_receipt(GIVEN)) | {field: value}
    with pytest.raises(Garbled):
        read_receipt(json.dumps(document).encode())


@pytest.mark.parametrize("document", [b"", b"[" * 100_000, b"null", b"\xff\xfe", b"{}"])
def test_garbage_is_refused(document: bytes) -> None:
    with pytest.raises(Garbled):
        read_receipt(document)


def test_a_sentence_that_came_out_cannot_hurt_a_terminal() -> None:
    document = json.loads(write_receipt(GIVEN)) | {"changes": [["1\n", "a\x1b[2J\r\nb" + "x" * 999, "", ""]]}
    (change,) = read_receipt(json.dumps(document).encode()).changes
    assert change.did.isprintable() and len(change.did) == SHOWN
    assert change.part == "1?"


def test_short_text_is_shown_whole() -> None:
    assert shown("x" * SHOWN) == "x" * SHOWN


def test_what_is_kept_lies_between_what_is_replaced() -> None:
    assert kept_around(10, [(Span(0, 0), 3), (Span(4, 6), 1)]) == (Kept(Span(0, 4), 3), Kept(Span(6, 10), 8))
    assert kept_around(10, []) == (Kept(Span(0, 10), 0),)
    assert kept_around(10, [(Span(0, 10), 5)]) == ()
