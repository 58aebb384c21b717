"""`reading`: the half of the classifier that opens the message. What it sees leaves the jail as one fact, and the half
outside (`engines.spam.weighing`) weighs it by the shipped model and by what the virtual system has learnt.
"""

from collections.abc import Iterable
from typing import Final

from mailock.core.classify import seen as documents
from mailock.core.classify.phrases import spoken
from mailock.core.classify.seen import LARGEST, Seen
from mailock.core.evidence.finding import Fact, FactKind, Sighting
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.specimen import Specimen
from mailock.core.mime.part import Anatomy
from mailock.engines.spam.acting import acting
from mailock.engines.spam.bodies import bodies
from mailock.engines.spam.features import seen
from mailock.engines.spam.heads import heads
from mailock.engines.spam.links import Leads, links
from mailock.engines.spam.mail import mail
from mailock.engines.spam.pages import read
from mailock.engines.spam.routes import routes
from mailock.engines.spam.wording import folded, words_of
from mailock.engines.suffixes import load

MANIFEST: Final = Manifest(
    name="reading",
    version="1",
    where=Where.JAILED,
    scope=Scope.MESSAGE,
    duty=Duty.SPAM,
    seconds=10.0,
)


class Reading:
    """Reads, and says nothing of what it thinks."""

    manifest: Final = MANIFEST

    def __init__(self) -> None:
        load()

    def look(self, specimen: Specimen) -> Iterable[Sighting]:
        """One fact: all that the classifier weighs."""
        document = documents.write(look_at(specimen.whole.anatomy))
        yield Fact(part=specimen.part, kind=FactKind.READING, untrusted_value=document)


def look_at(anatomy: Anatomy) -> Seen:
    """What a message looks like."""
    message = mail(anatomy)
    page = read(message.pages)
    text = page.text if page.text.strip() else "\n".join(message.texts)
    told = folded(" ".join((message.first("subject"), text[:10_000])))
    words = words_of(told)
    leads = Leads(message, page)
    amounts = heads(message) | routes(message) | bodies(message, page, text, words_of(folded(text[:10_000])))
    amounts |= links(message, page, leads) | spoken(words, told)
    acting(amounts)
    bounded = {name: min(LARGEST, amount) for name, amount in amounts.items()}
    return seen(message, page, leads, text, words, bounded)
