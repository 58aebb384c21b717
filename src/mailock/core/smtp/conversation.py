"""What the client knows between two replies: the only mutable value on this side, seen by `core/smtp` alone."""

from mailock.core.smtp.client_effects import ClientEffect
from mailock.core.smtp.client_table import ClientSettings, Phase
from mailock.core.smtp.data import ChunkFramer, DotStuffer
from mailock.core.smtp.extensions import NONE, Extensions
from mailock.core.smtp.mailing import Mailing
from mailock.core.smtp.reply_reader import ReplyReader


class Conversation:
    """The state of one connection."""

    __slots__ = (
        "acknowledged",
        "answered",
        "chunked",
        "effects",
        "extensions",
        "framer",
        "left_open",
        "mailing",
        "phase",
        "pipelined",
        "probing",
        "reader",
        "resets",
        "settings",
    )

    def __init__(self, settings: ClientSettings) -> None:
        self.settings = settings
        self.phase = Phase.GREETING
        self.reader = ReplyReader()
        self.effects: list[ClientEffect] = []
        self.extensions: Extensions = NONE
        self.mailing: Mailing | None = None
        self.pipelined = False
        self.chunked = False
        self.probing = False
        """Whether the transaction only asks about recipients, and ends before DATA."""
        self.answered = 0
        """How many commands of the envelope were answered."""
        self.left_open = False
        """Whether the next hop has a transaction open that nobody will finish: then RSET goes ahead of the next MAIL.
        """
        self.resets = 0
        """How many RSETs went ahead of this MAIL."""
        self.framer: DotStuffer | ChunkFramer = DotStuffer()
        self.acknowledged = 0
        """How many BDATs were answered."""
