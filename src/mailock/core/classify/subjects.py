"""What a text may be about, and which traits the corpus knows too little of. See `traits`."""

from collections.abc import Mapping
from typing import Final

_FIRM: Final = (
    "say.account say.mailbox say.document say.parcel say.bill say.renewal say.crypto say.extort say.favour "
    "say.payroll say.reward say.refund say.voice say.follow act.lure act.lure_doubtful act.aligned act.publisher "
    "act.mailing act.lure_page link.sign_in link.brand link.hosting link.short link.cheap link.recipient "
    "link.says_other link.ipfs link.broken_site from.brand from.role list list.unsubscribe esp signed html.word "
    "file.page text.wallet mime.no_version subject.emoji bounce bounce.sender automatic say.software say.stock "
    "say.lottery say.advance link.none link.elsewhere link.random link.own link.sites image.remote image.counter "
    "text.long html.only id.recipient text.to_you text.money reply.elsewhere say.confirm act.confirms"
)
FIRM: Final = frozenset(_FIRM.split())
"""Traits of which the corpus says little that holds."""
SUBJECTS: Final[Mapping[str, tuple[float, str]]] = {
    "say.pharmacy": (2.5, "it sells medicine"),
    "say.enlarge": (3.0, "it promises a larger body or more of its forces"),
    "say.adult": (2.5, "it offers sex or acquaintances"),
    "say.replica": (3.0, "it sells copies of costly goods"),
    "say.casino": (2.5, "it invites to gambling"),
    "say.stock": (2.2, "it recommends a share"),
    "say.loan": (1.8, "it offers credit, mortgages or an end of debts"),
    "say.degree": (3.0, "it sells degrees"),
    "say.software": (2.2, "it sells programs at a fraction of their price"),
    "say.advance": (2.8, "it speaks of a fortune that needs the reader's help"),
    "say.lottery": (2.8, "it speaks of a prize that was won"),
    "say.work": (2.0, "it promises money for little work"),
    "say.slim": (1.8, "it promises a slim or young body"),
    "say.ranking": (2.0, "it offers visitors, ranking or addresses"),
    "say.insurance": (1.0, "it offers insurance or warranties"),
    "say.goods": (0.8, "it offers goods at special prices"),
    "say.free": (0.5, "it speaks of what costs nothing"),
    "say.act": (0.7, "it presses the reader to act"),
    "say.opt_out": (1.0, "it explains why it is no spam, or how to be removed"),
    "say.dear": (1.0, "it addresses somebody whom it does not know"),
    "say.card": (1.8, "it announces a greeting card"),
    "say.chain": (1.5, "it asks to be passed on"),
    "say.account": (2.2, "it says that an account is in danger or has to be verified"),
    "say.confirm": (0.2, "it asks to confirm an address or welcomes who gave it"),
    "say.mailbox": (2.8, "it says that a mailbox or password expires"),
    "say.document": (1.5, "it says that a document waits"),
    "say.parcel": (1.5, "it says that a parcel waits"),
    "say.bill": (1.2, "it demands or announces a payment"),
    "say.renewal": (1.8, "it says that a subscription was renewed, and whom to call"),
    "say.crypto": (2.0, "it speaks of crypto currency"),
    "say.extort": (4.0, "it threatens to show what it says it has filmed"),
    "say.favour": (2.2, "it asks for a favour in haste, or for gift cards"),
    "say.payroll": (2.5, "it asks to change where money is paid"),
    "say.reward": (2.2, "it promises a reward for a few answers"),
    "say.refund": (1.5, "it promises money back from an office"),
    "say.voice": (1.5, "it says that a message was left on the telephone"),
    "say.follow": (1.0, "it asks to follow a link and confirm"),
    "say.footer": (-0.1, "it ends as newsletters do"),
    "say.talk": (-0.8, "it is written as people write to each other"),
    "say.order": (-0.6, "it speaks of an order or booking of the reader's"),
    "act.lure": (2.0, "it presses the reader to follow a link that is not of the author's domain"),
    "act.lure_doubtful": (2.0, "it presses the reader to follow a link of a doubtful kind"),
    "act.publisher": (-4.0, "it is a long text with links to its author's own site"),
    "act.mailing": (-2.0, "it ends as newsletters do, and leads to its author's own site"),
    "act.confirms": (-3.0, "it asks to confirm an address at its author's own site, without a threat"),
    "act.aligned": (-1.0, "author, Message-ID and links are of one domain, and no link is doubtful"),
    "act.lure_page": (1.5, "it presses the reader to open a page that came as a file"),
    "act.sells": (1.0, "it sells what spam sells, by a link"),
    "act.asks": (1.2, "it wants an answer to an address that is not the author's, about money"),
}
"""By the name of the trait: what is known of it, and its sentence."""
