"""Messages as the classifier's jailed half reads them, for tests that need no jail."""

from array import array
from collections.abc import Mapping

from mailock.core.classify.hashing import PLACES
from mailock.core.classify.model import Model
from mailock.core.classify.seen import FAMILIES, Seen
from mailock.core.classify.traits import TRAITS
from mailock.core.mime.parse import parse
from mailock.engines.spam.engine import look_at

PLAIN = (
    "From: Ann Bell <ann@example.com>\r\nTo: Bob <bob@example.org>\r\nSubject: lunch\r\n"
    "Date: Tue, 3 Nov 2026 10:00:00 +0100\r\nMessage-ID: <1@example.com>\r\n\r\nShall we meet at noon?\r\n"
)


def read(message: str | bytes) -> Seen:
    """How a message reads."""
    return look_at(parse(message if isinstance(message, bytes) else message.encode()))


def mail(body: str, *, subject: str = "lunch", sender: str = "Ann Bell <ann@example.com>", more: str = "") -> str:
    """A message, otherwise like PLAIN; `more` are header lines."""
    header = PLAIN.partition("\r\n\r\n")[0].replace("Ann Bell <ann@example.com>", sender).replace("lunch", subject)
    return f"{header}\r\n{more}\r\n{body}\r\n"


def seen(places: Mapping[str, list[int]], **traits: float) -> Seen:
    """What was seen, by hand; the names of traits with `_` for their dots."""
    named = {name.replace("_", ".", 1): amount for name, amount in traits.items()}
    assert named.keys() <= TRAITS.keys()
    return Seen(traits=named, features={name: array("I", places.get(name, [])) for name in FAMILIES})


def model(**traits: float) -> Model:
    """A model that knows these traits and no word."""
    named = {name.replace("_", ".", 1): weight for name, weight in traits.items()}
    places = array("b", bytes(PLACES))
    return Model(version="0", base=-1.0, traits=named, places=places, quantum=0.01, slope=1.0, offset=0.5)
