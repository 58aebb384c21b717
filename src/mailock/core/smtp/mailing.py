"""One transaction as the client runs it: its commands, and what became of each recipient.

The replies come in the order of the commands (RFC 2920 section 3.1): perhaps RSET, then MAIL, the RCPTs, DATA. This
value counts them off and keeps the last word on every recipient; the client around it decides what is written next.
"""

from collections.abc import Iterable
from typing import Final

from mailock.core.mail.envelope import Envelope, Notify, Recipient
from mailock.core.smtp.client_effects import Answer, Done, Lack, Stage
from mailock.core.smtp.extensions import Extensions
from mailock.core.smtp.grammar import write_path
from mailock.core.smtp.reply import Outcome, Reply

_NOTIFY_ORDER: Final = (Notify.NEVER, Notify.SUCCESS, Notify.FAILURE, Notify.DELAY)


class Mailing:
    """The state of one outgoing transaction."""

    __slots__ = ("_accepted", "_answers", "_dsn", "_envelope", "commands", "contradicted")

    def __init__(self, envelope: Envelope, size: int, eight_bit: bool, extensions: Extensions) -> None:
        self._envelope = envelope
        self._dsn = extensions.dsn
        self._answers: list[Answer | None] = [None] * len(envelope.recipients)
        self._accepted: list[int] = []
        self.contradicted = False
        """Whether a RCPT was taken though MAIL was not: then 354 opens a message that is for somebody after all."""
        self.commands = write_commands(envelope, size, eight_bit, extensions)
        """MAIL and the RCPTs, each with its CRLF."""

    @property
    def accepted(self) -> int:
        """How many recipients were taken and wait for their last word."""
        return len(self._accepted)

    def take_mail(self, reply: Reply) -> bool:
        """The reply to MAIL. Whether the transaction is open."""
        if 200 <= reply.code < 300:
            return True
        self.settle(range(len(self._answers)), reply, Stage.MAIL)
        return False

    def take_rcpt(self, index: int, reply: Reply) -> None:
        """The reply to this RCPT. Where MAIL failed, that was the last word already."""
        if self._answers[index] is not None:
            self.contradicted = self.contradicted or reply.code < 300
            return
        if 200 <= reply.code < 300:
            self._accepted.append(index)
        else:
            self.settle((index,), reply, Stage.RCPT)

    def take_first(self, reply: Reply) -> None:
        """The last word on the first recipient that waits: LMTP's replies come in order (RFC 2033 section 4.2)."""
        self.settle((self._accepted.pop(0),), reply, Stage.BODY)

    def take_rest(self, reply: Reply, stage: Stage, *, ours: bool = False) -> None:
        """The last word on everybody who has none yet, taken or not even asked for."""
        self.settle(range(len(self._answers)), reply, stage, ours=ours)
        self._accepted.clear()

    def settle(self, indices: Iterable[int], reply: Reply, stage: Stage, *, ours: bool = False) -> None:
        """Gives these recipients their last word, where they have none."""
        for index in indices:
            if self._answers[index] is None:
                recipient = self._envelope.recipients[index]
                outcome = _outcome(reply, stage, bool(self._accepted))
                self._answers[index] = Answer(recipient, reply, stage, outcome, ours)

    def done(self, *, in_doubt: bool = False) -> Done:
        """The account. Only once everybody has a last word."""
        answers = tuple(answer for answer in self._answers if answer is not None)
        assert len(answers) == len(self._answers)
        return Done(answers, self._dsn, in_doubt)


def lack(envelope: Envelope, size: int, extensions: Extensions) -> Lack | None:
    """What this next hop is missing for the message to be sent at all."""
    if not extensions.smtputf8 and needs_smtputf8(envelope):
        return Lack.SMTPUTF8
    if extensions.size and size > extensions.size:
        return Lack.SIZE
    return None


def needs_smtputf8(envelope: Envelope) -> bool:
    """Whether the transaction was marked so, or one of its addresses cannot go without (RFC 6531 section 3.4)."""
    sender = envelope.sender
    return (
        envelope.smtputf8
        or not (sender is None or sender.is_ascii)
        or not all(recipient.address.is_ascii for recipient in envelope.recipients)
    )


def write_commands(envelope: Envelope, size: int, eight_bit: bool, extensions: Extensions) -> list[bytes]:
    """MAIL and the RCPTs. Raises ValueError where a value holds a line end: it would be read as a command."""
    utf8 = extensions.smtputf8 and needs_smtputf8(envelope)
    mail = f"MAIL FROM:{write_path(envelope.sender)}"
    if extensions.size is not None:
        mail += f" SIZE={size}"
    if eight_bit and extensions.eight_bit:
        mail += " BODY=8BITMIME"
    if utf8:
        mail += " SMTPUTF8"
    if extensions.dsn and envelope.ret is not None:
        mail += f" RET={envelope.ret.value}"
    if extensions.dsn and envelope.envid is not None:
        mail += f" ENVID={envelope.envid}"
    lines = [mail, *(_rcpt(recipient, extensions.dsn, utf8) for recipient in envelope.recipients)]
    commands = [line.encode("utf-8") + b"\r\n" for line in lines]
    if any(command.find(b"\r") != len(command) - 2 or command.find(b"\n") != len(command) - 1 for command in commands):
        raise ValueError("a line end inside an envelope")
    return commands


def _rcpt(recipient: Recipient, dsn: bool, utf8: bool) -> str:
    line = f"RCPT TO:{write_path(recipient.address)}"
    if not dsn:
        return line
    if recipient.notify:
        line += " NOTIFY=" + ",".join(notify.value for notify in _NOTIFY_ORDER if notify in recipient.notify)
    if recipient.orcpt is not None and (utf8 or recipient.orcpt.isascii()):
        line += f" ORCPT={recipient.orcpt}"
    return line


def _outcome(reply: Reply, stage: Stage, some_accepted: bool) -> Outcome:
    """RFC 5321 section 4.5.3.1.10: a 552 that means *too many recipients* is a 452, for those behind the first ones."""
    too_many = reply.code == 552 and reply.enhanced in ("", "5.5.3") and stage is Stage.RCPT and some_accepted
    return Outcome.DEFERRED if too_many else reply.outcome
