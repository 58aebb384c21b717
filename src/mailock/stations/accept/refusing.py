"""How one session says no: to the client, with the code by which the refusal is found again, and to the log."""

from dataclasses import dataclass, replace

from mailock.core.mail.address import Address
from mailock.core.smtp.reply import Reply
from mailock.ports.refusals import Refusal, Refusals
from mailock.stations.accept.gate import No, sender_text


@dataclass(frozen=True, slots=True)
class Speaking:
    """Who is being refused, as far as he has said it."""

    untrusted_helo: str
    sender: Address | None
    recipient: Address | None = None


class Refusing:
    """The refusals of one session. `ip` changes where a trusted proxy names another client."""

    __slots__ = ("_listener", "_reference", "_refusals", "ip")

    def __init__(self, refusals: Refusals, ip: str, listener: str) -> None:
        self._refusals = refusals
        self._listener = listener
        self._reference = ""
        self.ip = ip

    def mark(self, reply: Reply) -> Reply:
        """A final refusal with the code by which `mailock show` finds it (DECISIONS 18)."""
        self._reference = self._refusals.reference(self.ip, str(reply))
        lines = (*reply.lines[:-1], f"{reply.lines[-1]} (ref {self._reference})")
        return replace(reply, lines=lines)

    def said(self, no: No | None, speaking: Speaking) -> Reply | None:
        """The reply of a refusal, noted for the log; None where there is none, or nothing is enforced."""
        if no is None:
            return None
        if not no.enforced:
            self.note(None, f"it is only monitored, and would have been refused with {no.reply}: {no.why}", speaking)
            return None
        reply = self.mark(no.reply) if no.reply.code >= 500 else no.reply
        self.note(reply, no.why, speaking)
        return reply

    def note(self, told: Reply | None, why: str, speaking: Speaking) -> None:
        """Tells the log; `told` is what the client was told, marked where it is final."""
        self._refusals.note(
            Refusal(
                source_ip=self.ip,
                untrusted_helo=speaking.untrusted_helo,
                listener=self._listener,
                sender=sender_text(speaking.sender),
                recipient="" if speaking.recipient is None else str(speaking.recipient),
                reply="" if told is None else str(told),
                why=why,
                reference=self._reference if told is not None and told.code >= 500 else "",
            )
        )
