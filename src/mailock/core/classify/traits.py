"""Traits: what can be seen of a message and speaks for or against its being wanted, whatever its words are.

`prior` is what is known of a trait before any corpus was asked, in natural log odds for one unit of it; training starts
from there and moves only as far as its data says (docs/anti-spam.md). So traits that a corpus of 2002 does not have,
such as mail about a parcel with a foreign link, weigh what people know of them. The sentence is what the explanation
says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from mailock.core.classify.subjects import FIRM, SUBJECTS


class Group(Enum):
    """What a trait is about; each group is one finding."""

    HEADER = "spam.header"
    MAILER = "spam.mailer"
    STRUCTURE = "spam.structure"
    LINKS = "spam.links"
    PHRASES = "spam.phrases"


@dataclass(frozen=True, slots=True)
class Trait:
    """One of them."""

    group: Group
    prior: float
    sentence: str
    firm: bool = False
    """Whether a corpus of 2002 is no witness: such as of what mailing services, phishers and web hosts do since."""


_HEADER: Final = {
    "to.missing": (0.8, "it names no recipient"),
    "to.undisclosed": (0.5, "its recipients are not disclosed"),
    "to.many": (0.5, "it names many recipients"),
    "to.is_from": (1.0, "author and recipient are the same address"),
    "to.similar": (1.0, "its recipients are neighbours in the alphabet"),
    "from.no_name": (0.1, "the author's address has no name"),
    "from.name_is_address": (0.1, "the author's name is an address"),
    "from.name_other_address": (1.5, "the author's name shows another address than the author's"),
    "from.digits": (0.5, "the author's address ends in many digits"),
    "from.random": (0.8, "the author's address looks made up"),
    "from.free": (0.2, "the author uses a free mail service"),
    "from.shout": (0.5, "the author's name is in capitals"),
    "from.odd_domain": (1.2, "the author's domain looks made up or thrown away"),
    "from.broken": (1.5, "the author's address is missing or broken"),
    "from.brand": (2.0, "the author's name is that of a well-known company, and its address is not"),
    "from.role": (0.7, "the author's name is that of an office: support, security, accounts"),
    "reply.elsewhere": (0.8, "answers go to another domain than the author's"),
    "reply.free": (1.5, "answers go to a free mail service, and the author has another domain"),
    "subject.missing": (0.5, "it has no subject"),
    "subject.shout": (0.8, "the subject is in capitals"),
    "subject.exclaim": (0.5, "the subject cries out"),
    "subject.money": (0.6, "the subject speaks of money"),
    "subject.false_reply": (1.0, "the subject pretends to be an answer"),
    "subject.recipient": (1.2, "the subject holds the recipient's name or address"),
    "subject.gap": (1.2, "the subject has a gap of many blanks"),
    "subject.code": (0.7, "the subject ends in a made-up word or number"),
    "subject.raw": (0.5, "the subject holds bare octets that are no ASCII"),
    "subject.spaced": (1.8, "the subject is spelled with signs between its letters"),
    "subject.mixed": (1.8, "the subject mixes letters of several scripts in one word"),
    "subject.emoji": (0.5, "the subject has pictures for letters"),
    "subject.question": (-0.3, "the subject asks a question"),
    "subject.tag": (-0.8, "the subject bears the tag of a list"),
    "thread": (-2.2, "it goes on with a conversation that it names"),
    "list": (-1.2, "a list server sent it"),
    "list.unsubscribe": (-0.6, "it says in its header how to unsubscribe"),
    "esp": (-1.0, "a mailing service with rules of its own sent it"),
    "signed": (-0.3, "a server signed it"),
    "date.missing": (0.8, "it has no date"),
    "date.broken": (0.8, "its date cannot be read"),
    "date.odd_zone": (0.8, "its date has a time zone that does not exist"),
    "date.apart": (1.0, "its date is far from that of its way here"),
    "hops.one": (0.5, "it came straight from its sender's machine"),
    "hops.many": (-0.5, "it came through several servers"),
    "hops.dial_up": (1.2, "it came straight from a machine at somebody's home"),
    "hops.false_name": (1.0, "the machine that sent it called itself by a false name"),
    "hops.address_name": (1.0, "the machine that sent it called itself by a bare number"),
    "bounce": (-3.0, "it is a server's report about delivery"),
    "bounce.sender": (-1.2, "a mail server wrote it"),
    "automatic": (-0.6, "a program wrote it for somebody who knows it"),
}
_MAILER: Final = {
    "id.missing": (1.0, "it has no Message-ID"),
    "id.broken": (1.2, "its Message-ID is broken"),
    "id.foreign": (0.2, "its Message-ID is of another domain than the author's"),
    "id.own": (-0.4, "its Message-ID is of the author's domain"),
    "id.recipient": (0.6, "its Message-ID is of the recipient's domain"),
    "id.bare_host": (1.0, "its Message-ID names no domain"),
    "mua.known": (-0.3, "it was written with a mail program that people use"),
    "mua.unix": (-1.5, "it was written with a mail program of Unix"),
    "mua.bulk": (0.8, "it was written with a program for bulk mail"),
    "mua.false_outlook": (2.2, "it says that Outlook wrote it, and Outlook did not"),
    "mua.false_bat": (2.2, "it says that The Bat wrote it, and The Bat did not"),
    "mua.false_mozilla": (1.8, "it says that Mozilla wrote it, and Mozilla did not"),
    "mua.true": (-0.8, "its mail program and its Message-ID fit"),
    "mua.old": (0.5, "its mail program is one that spam likes to name"),
    "mua.random": (1.5, "the name of its mail program is made up"),
    "mua.php": (0.6, "a script of a website sent it"),
    "mime.no_version": (0.6, "it has types of content, and does not say that it is MIME"),
    "mime.odd_case": (0.2, "its header is written as few programs do"),
    "priority.high": (0.5, "it calls itself urgent in its header"),
    "boundary.odd": (0.8, "its parts are divided by a mark that spam programs use"),
    "charset.odd": (0.6, "its character set is declared as few programs do"),
}
_STRUCTURE: Final = {
    "html.only": (0.5, "it has HTML, and no plain text"),
    "html.alone_link": (0.6, "it is little more than one link"),
    "html.image": (1.0, "it is little more than a picture"),
    "html.image_link": (0.8, "it is a picture that is a link"),
    "html.apart": (0.8, "its plain text and its HTML say different things"),
    "html.encoded": (0.8, "plain letters are wrapped in base64"),
    "html.hidden": (0.5, "parts of its text are hidden"),
    "html.tiny": (0.7, "parts of its text are too small to read"),
    "html.split": (1.5, "words are broken by tags or comments"),
    "html.entities": (1.2, "letters are written as numbers"),
    "html.loud": (0.6, "letters are large and coloured"),
    "html.broken": (0.3, "its HTML is broken"),
    "html.form": (1.0, "it has a form to fill in"),
    "html.script": (0.8, "it has script"),
    "html.bits": (0.4, "it has HTML of the kind that spam programs write"),
    "html.rich": (-0.2, "it has a page laid out with care"),
    "html.word": (-0.5, "its HTML was written with a word processor or mail program"),
    "text.none": (0.8, "it has no text"),
    "text.short": (0.2, "it has few words"),
    "text.long": (-0.3, "it has many words"),
    "text.shout": (1.0, "much of it is in capitals"),
    "text.exclaim": (0.7, "it cries out"),
    "text.money": (0.5, "it names sums of money"),
    "text.millions": (1.8, "it names millions"),
    "text.percent": (0.3, "it names per cents"),
    "text.phone": (0.3, "it names telephone numbers"),
    "text.spaced": (1.8, "words are spelled with signs between their letters"),
    "text.leet": (1.2, "words are spelled with digits for letters"),
    "text.invisible": (1.2, "there are characters that nobody sees within its words"),
    "text.mixed": (1.5, "letters of several scripts stand in one word"),
    "text.salad": (1.0, "its words make no sentences"),
    "text.gibberish": (1.0, "it has made-up words"),
    "text.code": (0.6, "it ends in made-up words or numbers"),
    "text.quoted": (-2.0, "it quotes what it answers"),
    "text.signed": (-1.0, "it ends in a signature as people's mail does"),
    "text.pgp": (-2.0, "it is signed or encrypted by its author"),
    "text.technical": (-1.5, "it holds source code or a program's output"),
    "text.greets": (-0.2, "it greets its recipient by name"),
    "text.wallet": (1.5, "it names an account of a crypto currency"),
    "text.to_you": (0.5, "it holds the recipient's address"),
    "file.picture": (0.3, "it has a picture, and few words"),
    "file.document": (0.2, "it has a document"),
    "file.alone": (0.8, "it is a file and hardly a word"),
    "file.page": (1.8, "it has a page of HTML as a file"),
    "file.program": (2.0, "it has a program as a file"),
    "file.archive": (0.4, "it has an archive"),
    "file.calendar": (-0.5, "it has an appointment"),
}
_LINKS: Final = {
    "link.none": (-0.5, "it has no link"),
    "link.one_site": (0.3, "all of its links lead to one site"),
    "link.sites": (-0.2, "its links lead to many sites"),
    "link.elsewhere": (0.5, "no link leads to the author's domain"),
    "link.own": (-0.6, "its links lead to the author's domain"),
    "link.number": (2.0, "a link leads to a bare address"),
    "link.port": (1.0, "a link names a port"),
    "link.user": (1.5, "a link has a user before its host"),
    "link.escaped": (1.0, "a link is written in escapes"),
    "link.cheap": (1.2, "a link leads to a domain of a kind that is thrown away"),
    "link.abroad": (0.6, "a link leads to a top-level domain that spam likes"),
    "link.random": (1.0, "a link leads to a made-up name"),
    "link.deep": (0.6, "a link's host has many levels or many dashes"),
    "link.hosting": (1.2, "a link leads to a place where anybody may put up a page"),
    "link.short": (0.7, "a link is shortened"),
    "link.redirect": (0.6, "a link leads on to another one"),
    "link.says_other": (1.5, "a link shows another address than it leads to"),
    "link.recipient": (1.5, "a link carries the recipient's address"),
    "link.sign_in": (1.3, "a link's path speaks of signing in"),
    "link.brand": (2.0, "a link bears the name of a well-known company, and is not its own"),
    "link.broken_site": (0.8, "a link leads into the inside of somebody's website"),
    "link.affiliate": (0.8, "a link counts who sent the reader"),
    "link.program": (1.5, "a link leads to a program"),
    "link.unsubscribe": (-0.2, "it has a link to unsubscribe"),
    "link.ipfs": (2.0, "a link leads to a page on a network without owners"),
    "image.remote": (0.2, "pictures are loaded from outside"),
    "image.counter": (0.2, "a picture counts readers"),
}


def _table() -> dict[str, Trait]:
    # The phrases have a table of their own, and each kind of them is a trait.
    from_groups = (
        (Group.HEADER, _HEADER),
        (Group.MAILER, _MAILER),
        (Group.STRUCTURE, _STRUCTURE),
        (Group.LINKS, _LINKS),
    )
    groups = (*from_groups, (Group.PHRASES, SUBJECTS))
    return {
        name: Trait(group, prior, sentence, firm=name in FIRM)
        for group, rows in groups
        for name, (prior, sentence) in rows.items()
    }


TRAITS: Final[Mapping[str, Trait]] = _table()
"""By their names."""
