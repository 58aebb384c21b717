"""Whose word counts on a message that was changed on its way."""

import pytest

from mailock.core.authentication.arc_check import Arc, ArcResult
from mailock.core.authentication.author import Author
from mailock.core.authentication.trust import vouched_by

ANN = Author(address="ann@sender.example", addresses=("ann@sender.example",))
GOOD = "i=1; mx.list.example; spf=pass; dmarc=pass (p=reject) header.from=sender.example"
NONE = "i=2; mx.relay.example; arc=pass; dmarc=fail header.from=sender.example"


def chain(*told: tuple[str, str], result: ArcResult = ArcResult.PASS) -> Arc:
    """A chain of these sealers and what they say, the newest first."""
    return Arc(
        result=result,
        reason="",
        sets=len(told),
        sealers=tuple(sealer for sealer, _ in told),
        untrusted_results=tuple(text for _, text in told),
    )


def test_the_word_of_a_trusted_sealer_counts() -> None:
    assert vouched_by(chain(("list.example", GOOD)), ANN, {"list.example"}) == "list.example"


def test_the_oldest_that_is_trusted_without_a_gap_is_believed() -> None:
    both = chain(("relay.example", NONE), ("list.example", GOOD))
    assert vouched_by(both, ANN, {"list.example", "relay.example"}) == "list.example"
    assert vouched_by(both, ANN, {"relay.example"}) == ""
    assert vouched_by(both, ANN, {"list.example"}) == ""


@pytest.mark.parametrize(
    "text",
    [
        "i=1; mx.list.example; dmarc=pass header.from=other.example",
        "i=1; mx.list.example; dmarc=fail header.from=sender.example",
        "i=1; mx.list.example; dmarc=fail (dmarc=pass header.from=sender.example)",
        'i=1; mx.list.example; spf=pass smtp.mailfrom="x; dmarc=pass header.from=sender.example"',
        "i=1; dmarc=pass header.from=sender.example",
        "i=1; mx.list.example; none",
        "",
    ],
)
def test_another_word_does_not(text: str) -> None:
    assert vouched_by(chain(("list.example", text)), ANN, {"list.example"}) == ""


def test_nothing_counts_where_the_chain_fails_or_the_author_is_not_plain() -> None:
    broken = Arc(result=ArcResult.FAIL, reason="", sets=1)
    assert vouched_by(broken, ANN, {"list.example"}) == ""
    odd = Author(address="", addresses=("ann@sender.example",), odd=("two",))
    assert vouched_by(chain(("list.example", GOOD)), odd, {"list.example"}) == ""
    assert vouched_by(chain(("list.example", GOOD)), ANN, frozenset()) == ""
