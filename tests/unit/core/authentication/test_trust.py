"""Whose word counts on a message that was changed on its way."""

import pytest

from mailock.core.authentication import arc_bytes, arc_check, sealing, signing
from mailock.core.authentication.arc_check import Arc, ArcResult
from mailock.core.authentication.author import Author
from mailock.core.authentication.fields import split
from mailock.core.authentication.trust import vouched_by
from mailock.core.authentication.zone import read
from mailock.engines.authentication import arithmetic
from tests.contract.authentication.worlds import asked
from tests.parts.signing import IDENTIFIER, NOW, key, zone

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
        'i=1; mx.list.example; dmarc=pass smtp.mailfrom="a header.from=sender.example b" header.from=x.example',
        "i=1; mx.list.example; dmarc=pass header.from=x.example header.from=sender.example",
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
    named = Author(address="ann@sender.example", addresses=("ann@sender.example",), named=("ceo@bank.example",))
    assert vouched_by(chain(("list.example", GOOD)), named, {"list.example"}) == ""
    assert vouched_by(chain(("list.example", GOOD)), ANN, frozenset()) == ""


LIST = key("list.example")
MESSAGE = b"From: ann@sender.example\r\nSubject: x\r\n\r\nHello.\r\n"


def sealed(names: list[str], said: str) -> Arc:
    """What a chain of one set is worth whose message signature covers these names."""
    results = f"Authentication-Results: {IDENTIFIER}; arc=none; {said}\r\n".encode()
    frozen = split(results + b"\r\n").fields
    prepared = sealing.prepare(split(results + MESSAGE), frozen, IDENTIFIER, LIST.public, now=NOW, names=names)
    own = signing.finished(prepared.message, arithmetic.sign(LIST.private, prepared.message.digest))
    seal = sealing.seal(prepared, own, LIST.public, now=NOW)
    top = signing.finished(seal, arithmetic.sign(LIST.private, seal.digest)) + own + prepared.results
    return asked(arc_check.check(arc_bytes.chain(split(top + results + MESSAGE)), NOW), read(zone(LIST)))


def test_a_seal_that_covers_no_author_vouches_for_none() -> None:
    said = "dmarc=pass header.from=sender.example"
    assert vouched_by(sealed(["from", "subject"], said), ANN, {"list.example"}) == "list.example"
    nothing, without = sealed([], said), sealed(["subject"], said)
    assert (nothing.result, vouched_by(nothing, ANN, {"list.example"})) == (ArcResult.PASS, "")
    assert (without.result, vouched_by(without, ANN, {"list.example"})) == (ArcResult.FAIL, "")


def test_a_method_that_was_cut_is_no_word() -> None:
    # Whoever chooses what a sealer writes before may choose where it is cut.
    for stuffing in range(arc_bytes.RESULTS - 150, arc_bytes.RESULTS):
        said = f"spf=pass smtp.mailfrom={'x' * stuffing}; dmarc=pass header.from=sender.example.evil.example"
        assert vouched_by(chain(("list.example", cut(said))), ANN, {"list.example"}) == ""


def cut(said: str) -> str:
    """Results as they leave the jail."""
    value = f"ARC-Authentication-Results: i=1; mx.list.example; {said}\r\n\r\n"
    return arc_bytes.text_of(split(value.encode()).fields[0])
