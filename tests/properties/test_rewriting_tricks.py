"""Every published way to hide an attachment: what was found of it can be taken out, whole, or nothing is changed."""

from collections import Counter
from email import message_from_bytes

from mailock.core.mime.defects import CUT_OFF
from mailock.core.mime.parse import parse
from mailock.core.rewriting.carry import Remade, carry_out
from mailock.core.rewriting.edits import StripPart
from mailock.core.rewriting.orders import Orders
from tests.parts.hiding import messages
from tests.parts.hiding.payload import PAYLOAD


def holds(octets: bytes) -> bool:
    """Whether some reading of a message, ours or Python's, has the payload."""
    ours = any(PAYLOAD in reading.content for part in parse(octets).parts for reading in part.readings)
    decoded = (part.get_payload(decode=True) for part in message_from_bytes(octets).walk())
    return ours or any(isinstance(content, bytes) and PAYLOAD in content for content in decoded)


def test_what_is_hidden_is_taken_out_in_every_reading() -> None:
    outcomes: Counter[str] = Counter()
    for hidden in messages():
        anatomy = parse(hidden.octets)
        found = [p.path for p in anatomy.parts if any(PAYLOAD in reading.content for reading in p.readings)]
        if anatomy.defects & CUT_OFF or not found:
            continue
        edits = tuple(StripPart(part=path, text="It was removed.", name="removed.txt") for path in found)
        outcome = carry_out(hidden.octets, anatomy, Orders(edits=edits))
        if isinstance(outcome, Remade):
            assert outcome.content is not None
            assert not holds(outcome.content), (hidden.trick, hidden.encoding)
        outcomes["made" if isinstance(outcome, Remade) else "unfit"] += 1
    # Mail with bare line ends does not get so far (accept refuses or mends it); nearly everything else can be made.
    assert outcomes["made"] >= 0.95 * outcomes.total(), outcomes
