"""What leaves the jail about how a message reads, and what of it is believed."""

import pytest

from mailock.core.classify.hashing import PLACES
from mailock.core.classify.seen import MOST, BadDocument, read, write
from tests.parts.reading import PLAIN, seen
from tests.parts.reading import read as reading


def test_a_document_says_what_was_seen() -> None:
    found = reading(PLAIN)
    again = read(write(found))
    assert again.features == found.features
    assert again.traits.keys() == found.traits.keys()
    assert again.digest == found.digest


def test_a_message_has_one_digest_however_it_came() -> None:
    came = f"Received: from a.example.net ([192.0.2.1]) by b.example.org; Tue, 3 Nov 2026 10:00:01 +0100\r\n{PLAIN}"
    assert reading(came).digest == reading(PLAIN).digest
    assert reading(PLAIN.replace("noon", "one")).digest != reading(PLAIN).digest


@pytest.mark.parametrize(
    "document",
    [
        "",
        "2;;;;",
        "1;;;;;",
        "2;no.such=1;;;;",
        "2;thread=;;;;",
        "2;thread=nan;;;;",
        "2;thread=-1;;;;",
        "2;thread=1e9;;;;",
        "2;;x;;;",
        "2;;AAA=;;;",
        "2;;\u00e4;;;",
        f"2;;{'A' * (MOST * 6)};;;",
    ],
)
def test_what_does_not_fit_is_not_believed(document: str) -> None:
    with pytest.raises(BadDocument):
        read(document)


def test_a_place_outside_of_the_space_is_not_believed() -> None:
    with pytest.raises(BadDocument, match="outside"):
        read(write(seen({"text": [PLACES]})))
