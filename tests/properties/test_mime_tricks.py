"""Every published way to hide an attachment: its content and its name are found, or the message is not complete."""

from collections import Counter

import pytest

from mailock.core.mime.defects import CUT_OFF
from mailock.core.mime.parse import parse
from tests.parts.hiding import TRICKS, Hidden, messages
from tests.parts.hiding.payload import PAYLOAD

ALL = list(messages())


def found(hidden: Hidden) -> bool:
    """Whether one part has both the content and the name."""
    return any(
        any(PAYLOAD in reading.content for reading in part.readings)
        and (not hidden.name or hidden.name in part.untrusted_names)
        for part in parse(hidden.octets).parts
    )


@pytest.mark.parametrize("trick", TRICKS)
def test_what_is_hidden_is_found_or_the_message_is_not_complete(trick: str) -> None:
    tried = [hidden for hidden in ALL if hidden.trick == trick]
    assert tried
    for hidden in tried:
        assert found(hidden) or parse(hidden.octets).defects & CUT_OFF, hidden.encoding


def test_nearly_all_are_found_and_not_just_refused() -> None:
    """The counts that the documents tell: a parser that refuses everything would pass the test above."""
    counts = Counter("found" if found(hidden) else "refused" for hidden in ALL)
    refused = {hidden.trick for hidden in ALL if not found(hidden)}
    assert len(TRICKS) >= 700
    assert refused == {"splitting: beyond the budget's depth"}
    assert counts["refused"] == 4
