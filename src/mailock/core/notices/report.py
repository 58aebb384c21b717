"""What there is to tell a sender of one recipient, and when the sender is told at all.

Told or not (RFC 3461 sections 4.1 and 5.2, RFC 5321 section 4.5.5, DECISIONS 14, 15 and 17): nobody is told of mail
without a return path, of our own mail, while we only monitor, or of what the sender did not ask for. Otherwise it
depends on how sure we are that the return path is the sender's own, because a notice to somebody who never wrote is
spam that we send:

    ours        internal or authenticated            told, with as much of the message as asked for
    proven      SPF pass, or aligned DKIM pass       the same
    unknown     neither, nor their contrary          the header only, and so many for each domain and hour
    forged      SPF fail, or a verdict against it    no notice; a failed message is kept in quarantine, class
    *undeliverable*
"""

from dataclasses import dataclass
from enum import Enum

from mailock.core.lifecycle.copies import Hop, Response
from mailock.core.mail.envelope import Notify, Recipient, Ret
from mailock.core.mail.message import Message


class Kind(Enum):
    """The Action field of RFC 3464 section 2.3.3, as far as we have use for it."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    """Handed to a server that sends no success notices itself."""

    @property
    def notify(self) -> Notify:
        """The value of NOTIFY that asks for it."""
        match self:
            case Kind.FAILED:
                return Notify.FAILURE
            case Kind.DELAYED:
                return Notify.DELAY
            case Kind.DELIVERED | Kind.RELAYED:
                return Notify.SUCCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is told of one recipient. Times are Unix seconds."""

    recipient: Recipient
    kind: Kind
    response: Response
    """The last word on it, of the hop or of ourselves."""
    hop: Hop | None = None
    """The server that spoke it; None where nobody was reached."""
    tried_at: float | None = None
    retry_until: float | None = None
    """Of a delayed one: when it will be given up."""


class Trust(Enum):
    """How sure it is that the return path is the sender's own."""

    OURS = "ours"
    PROVEN = "proven"
    UNKNOWN = "unknown"
    FORGED = "forged"


@dataclass(frozen=True, slots=True)
class Told:
    """The sender is told, with the header or the whole message as RET and size say."""


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """The sender may not be told and the recipient has nothing: the copy is quarantined, and somebody alerted."""

    why: str


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody is told, and nothing else follows."""

    why: str


@dataclass(frozen=True, slots=True)
class ToldBriefly:
    """The sender is told with the header only, if the rate of this domain allows."""

    domain: str
    otherwise: Undeliverable | Nobody
    """What follows if the rate does not allow it: only of a failure has the recipient nothing."""


def trust(message: Message) -> Trust:
    """What the session alone says. Outside senders count as unknown until they are authenticated by SPF and DKIM."""
    known = message.origin.internal or message.origin.authenticated_as is not None
    return Trust.OURS if known else Trust.UNKNOWN


def who_is_told(
    message: Message,
    recipient: Recipient,
    kind: Kind,
    *,
    trust: Trust,
    incriminated: bool = False,
    monitoring: bool = False,
) -> Told | ToldBriefly | Undeliverable | Nobody:
    """Whether the sender hears of this recipient. `incriminated`: the verdict is spam or malicious."""
    sender = message.envelope.sender
    if message.own is not None:
        return Nobody("it is our own mail, which never causes a notice")
    if sender is None:
        return Nobody("it has no return path")
    if monitoring:
        return Nobody("nothing leaves while we only monitor")
    if not recipient.wants(kind.notify):
        return Nobody("the sender did not ask for it" if recipient.notify else "it is told on request only")
    if trust is Trust.OURS:
        return Told()
    if trust is Trust.FORGED or incriminated:
        why = "the verdict is against it" if incriminated else "the return path is not the sender's own"
        return Undeliverable(why) if kind is Kind.FAILED else Nobody(why)
    if trust is Trust.PROVEN:
        return Told()
    why = f"{sender.domain} had as many notices as it may have, and nothing proves who sent this"
    return ToldBriefly(sender.domain, Undeliverable(why) if kind is Kind.FAILED else Nobody(why))


def how_much(message: Message, kind: Kind, *, limit: int) -> Ret:
    """How much of the message a notice carries: all of it only with a failure, if it was wanted and is not over `limit`
    bytes.

    Silent senders get small messages whole, which spares them the search for what they wrote (RFC 3461 section 4.3
    leaves it to us). A size limit of ours goes before RET=FULL.
    """
    if kind is not Kind.FAILED or message.envelope.ret is Ret.HDRS or message.body.size > limit:
        return Ret.HDRS
    return Ret.FULL


def on_success(recipient: Recipient, *, hop_sends_dsn: bool, final: bool) -> Kind | None:
    """What there is to tell when a hop took a recipient over (RFC 3461 section 5.2.2).

    `final`: it was put into the mailbox (LMTP). A hop with the DSN extension was handed the wish, and answers for it
    from then on.
    """
    if Notify.SUCCESS not in recipient.notify or hop_sends_dsn:
        return None
    return Kind.DELIVERED if final else Kind.RELAYED
