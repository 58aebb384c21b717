"""Who may send what to whom: the answers to the questions of a conversation, up to the message itself.

Every refusal has two sentences: what the peer is told, and what we log. No answer here looks at content.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from mailock.core.mail.address import Address
from mailock.core.mail.value import value
from mailock.core.policy.installed import Installed, SystemLimits
from mailock.core.routing.access import Denied, may_connect
from mailock.core.routing.direction import Placed, place
from mailock.core.routing.direction import Refusal as NotPlaced
from mailock.core.routing.limits import Rate
from mailock.core.routing.rules import Verification
from mailock.core.smtp import phrases
from mailock.core.smtp.effects import MailGiven, RcptGiven
from mailock.core.smtp.reply import Reply
from mailock.ports.directory import Directory, Known
from mailock.stations.accept.sources import Sources, source_of
from mailock.stations.turn.capacity import Capacity

NOT_FROM_THERE = Reply.of(554, "5.7.1", "Connections from your network are not accepted here")
TOO_MANY_CONNECTIONS = Reply.of(421, "4.7.0", "Too many connections from your network, try again later")
TOO_FAST = Reply.of(421, "4.7.0", "Too many connections in a short time, try again later")
TOO_MANY_MESSAGES = Reply.of(450, "4.7.1", "Too many messages in a short time, try again later")
NOT_AUTHENTICATED = Reply.of(530, "5.7.0", "Authentication required")
NO_SUCH_MAILBOX = Reply.of(550, "5.1.1", "No such mailbox")
CANNOT_CHECK = Reply.of(450, "4.4.3", "The recipient cannot be checked at the moment, try again later")


@value(frozen=True, slots=True)
class No:
    """A refusal."""

    reply: Reply
    why: str
    enforced: bool = True
    """Whether it is said; otherwise it is only logged that it would have been (DECISIONS 17)."""


@value(frozen=True, slots=True, kw_only=True)
class Client:
    """The facts that answers hang on."""

    ip: str
    local_ip: str
    listener: str
    internal: bool
    encrypted: bool
    must_authenticate: bool
    """Whether this listener is for authenticated senders, and the client is none yet."""
    signed_in: bool = False
    """Whether it has proved who it is."""


class Gate:
    """Answers for all sessions of the process, by the revision that stands."""

    def __init__(
        self,
        *,
        standing: Callable[[], Installed],
        capacity: Capacity,
        sources: Sources,
        directory: Directory,
        country: Callable[[str], str | None],
    ) -> None:
        """`country`: that of an address, where it is known."""
        self._standing = standing
        self._capacity = capacity
        self._sources = sources
        self._directory = directory
        self._country = country

    @property
    def standing(self) -> Installed:
        """The revision that stands."""
        return self._standing()

    def connect(self, client: Client) -> No | None:
        """Whether a client may speak at all. Its connection is counted already."""
        if self._capacity.closed:
            return No(phrases.CLOSING, self._capacity.closed)
        installed = self._standing()
        country = self._country(client.ip) if installed.access.needs_country else None
        allowed = may_connect(installed.access, client.ip, country)
        if isinstance(allowed, Denied):
            return No(NOT_FROM_THERE, f"{allowed.rule} does not let {client.ip} in: {allowed.why}")
        if client.internal:
            return None
        limits, source = installed.limits, source_of(client.ip)
        if self._sources.open(source) > limits.connections_per_source:
            return No(
                TOO_MANY_CONNECTIONS, f"more than {limits.connections_per_source} connections at once from {source}"
            )
        if not self._sources.connections.take(source, limits.connection_rate):
            return No(TOO_FAST, f"more connections than {_shown(limits.connection_rate)} from {source}")
        return None

    def _must_encrypt(self, client: Client) -> bool:
        required = self._standing().tls.required_from
        return required.take(client.ip, self._country(client.ip) if required.countries else None)

    def mail(self, client: Client, given: MailGiven) -> No | None:
        """Whether a transaction may begin."""
        if client.must_authenticate:
            return No(NOT_AUTHENTICATED, f"the listener {client.listener} is for authenticated senders")
        if not client.encrypted and self._must_encrypt(client):
            return No(phrases.TLS_FIRST, f"{client.ip} has to encrypt first")
        refused = self.room()
        if refused is not None:
            return refused
        limits = self._standing().limits
        if client.internal:
            sender = _sender(client, given.sender)
            if not self._sources.internal_messages.take(sender.casefold(), limits.internal_message_rate):
                return No(TOO_MANY_MESSAGES, f"more messages than {_shown(limits.internal_message_rate)} from {sender}")
        elif not self._sources.messages.take(source_of(client.ip), limits.message_rate):
            return No(TOO_MANY_MESSAGES, f"more messages than {_shown(limits.message_rate)} from {client.ip}")
        return None

    def room(self) -> No | None:
        """Whether one more message could be kept; asked at MAIL, and again before its bytes come."""
        if self._capacity.closed:
            return No(phrases.CLOSING, self._capacity.closed)
        if self._capacity.full:
            return No(phrases.STORAGE_FULL, self._capacity.full)
        return None

    def recipient(self, client: Client, given: RcptGiven) -> Placed | No | Awaitable[Placed | No]:
        """Whether a recipient is taken, and what it then is. Some have to be looked up first."""
        placed = place(self._standing().routes, given.address, internal=client.internal, listener=client.listener)
        if isinstance(placed, NotPlaced):
            return No(placed.reply, placed.why)
        if placed.verification is Verification.NONE:
            return placed
        return self._verify(placed)

    def within(
        self, client: Client, sender: Address | None, placed: Placed | No, before: Sequence[Placed], size: int
    ) -> No | None:
        """Whether a recipient is within the limits of its virtual system, after those that were taken before. The first
        one of a system counts as a message to it.

        `size`: what MAIL declared, 0 for nothing.
        """
        if isinstance(placed, No):
            return None
        system = placed.virtual_system
        limits = self._standing().system_limits.get(system)
        if limits is None:
            return None
        taken = sum(one.virtual_system == system for one in before)
        if taken >= limits.recipients:
            why = f"the virtual system {system} takes {limits.recipients} recipients in one message"
            return No(phrases.TOO_MANY_RECIPIENTS, why)
        return _too_large(system, limits, size) or (None if taken else self._too_often(client, sender, system, limits))

    def _too_often(self, client: Client, sender: Address | None, system: str, limits: SystemLimits) -> No | None:
        """Whether a source, or a sender who is internal, writes to a system more often than that takes."""
        if client.internal:
            who, rate, sources = _sender(client, sender), limits.internal_message_rate, self._sources.internal_messages
        else:
            who, rate, sources = source_of(client.ip), limits.message_rate, self._sources.messages
        if rate is None or sources.take(f"{system} {who.casefold()}", rate):
            return None
        return No(TOO_MANY_MESSAGES, f"the virtual system {system} takes {_shown(rate)} messages from {who}")

    async def _verify(self, placed: Placed) -> Placed | No:
        match await self._directory.knows(placed.address, placed.rule):
            case Known.YES:
                return placed
            case Known.NO:
                return No(NO_SUCH_MAILBOX, f"{placed.address} does not exist, says {placed.verification.value}")
            case Known.CANNOT_SAY:
                return No(CANNOT_CHECK, f"whether {placed.address} exists could not be learnt")


def sender_text(sender: Address | None) -> str:
    """The return path as the log shows it."""
    return "<>" if sender is None else str(sender)


def too_large(installed: Installed, placed: Iterable[Placed], size: int) -> No | None:
    """Whether a message that is all there is larger than a virtual system of its recipients takes."""
    known = installed.system_limits
    if not known:
        return None
    systems = dict.fromkeys(one.virtual_system for one in placed)
    found = (_too_large(system, known[system], size) for system in systems if system in known)
    return next((no for no in found if no is not None), None)


def _sender(client: Client, sender: Address | None) -> str:
    """Whose messages from inside are counted; those from the null path are the client's."""
    return str(sender) if sender else client.ip


def _too_large(system: str, limits: SystemLimits, size: int) -> No | None:
    if size <= limits.message_size:
        return None
    return No(phrases.TOO_LARGE, f"the virtual system {system} takes {limits.message_size} octets, not {size}")


def _shown(rate: Rate) -> str:
    return f"{rate.amount} in {rate.seconds:.0f} s"
