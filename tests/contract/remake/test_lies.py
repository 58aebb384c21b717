"""A jail that was taken over may say what it likes: it is held against the bytes."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from mailock.core.lifecycle.events import Quarantined
from mailock.core.lifecycle.stages import CopyStage
from mailock.ports.jail import Ended
from tests.contract.remake.cell import rewritten
from tests.contract.remake.works import CHANGED, PREFIX, Works


def lies() -> dict[str, Any]:
    """What a jail that was taken over might say."""

    def other_body(ended: Ended) -> Ended:
        return rewritten(ended, CHANGED.replace(b"Hello", b"Hullo"))

    def receipt(**changed: Any) -> Any:
        def lie(ended: Ended) -> Ended:
            (frame,) = ended.untrusted_frames
            document = json.loads(frame[1:]) | changed
            return replace(ended, untrusted_frames=(frame[:1] + json.dumps(document).encode(),))

        return lie

    def body_and_receipt(content: bytes, kept: list[list[int]]) -> Any:
        def lie(ended: Ended) -> Ended:
            after = [hashlib.sha256(content).hexdigest(), len(content)]
            lied: Ended = receipt(after=after, kept=kept)(rewritten(ended, content))
            return lied

        return lie

    return {
        "another body than the receipt has": other_body,
        "another body, with its digest, that keeps what it does not": body_and_receipt(
            CHANGED.replace(b"Hello", b"Hullo"), [[8, 26, 15]]
        ),
        "another body that keeps nothing": body_and_receipt(b"Subject: [SPAM] hello\r\n\r\nBuy!\r\n", []),
        "a new field": body_and_receipt(b"X-Evil: yes\r\n" + CHANGED, [[0, 8, 13], [8, 26, 28]]),
        "bare line ends": body_and_receipt(CHANGED + b"x\ny\r\n", [[0, 8, 0], [8, 26, 15]]),
        "a long line": body_and_receipt(CHANGED + b"x" * 999 + b"\r\n", [[0, 8, 0], [8, 26, 15]]),
        "eight bits": body_and_receipt(CHANGED + b"\xff\r\n", [[0, 8, 0], [8, 26, 15]]),
        "ranges that overlap": receipt(kept=[[0, 8, 0], [4, 26, 11]]),
        "ranges beyond the end": receipt(kept=[[0, 9999, 0]]),
        "a receipt for another message": receipt(before=["ab" * 32, 26]),
        "no receipt": lambda ended: replace(ended, untrusted_frames=(b"C",)),
        "nothing": lambda ended: replace(ended, untrusted_frames=()),
        "two outcomes": lambda ended: replace(ended, untrusted_frames=ended.untrusted_frames * 2),
        "an unknown word": lambda ended: replace(ended, untrusted_frames=(b"?x",)),
        "that nothing changed": lambda ended: replace(ended, untrusted_frames=(b"S" + ended.untrusted_frames[0][1:],)),
    }


@pytest.mark.parametrize("lie", lies())
async def test_a_jail_that_lies_is_not_believed(works: Works, lie: str) -> None:
    works.cell.lie = lies()[lie]
    await works.planned(PREFIX)
    await works.work()
    assert (await works.stage(), works.sent) == (CopyStage.QUARANTINED, [])
    assert "cannot be trusted" in (await works.events(Quarantined))[0].why
