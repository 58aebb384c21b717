"""What policy decided for one recipient. Decisions join by the strictest."""

from dataclasses import dataclass, field

from mailock.core.lifecycle.copies import Disposition
from mailock.core.policy.track import Track
from mailock.core.policy.way import STRAIGHT, Way
from mailock.core.rewriting.edits import Edit
from mailock.core.rewriting.orders import Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The treatment of a message for one recipient."""

    recipient: int
    """Its place in the envelope, from 0."""
    disposition: Disposition
    rule: str
    """The rule that decided."""
    because: tuple[str, ...]
    """Why, in sentences, the weightiest first."""
    quarantine_class: str | None = None
    """spam, malware, phishing, policy, ambiguous, unscanned …; of QUARANTINE only."""
    edits: tuple[Edit, ...] = ()
    if_unfit: Disposition = Disposition.QUARANTINE
    """What happens where the edits cannot be made."""
    sealed: Sealed = Sealed.UNFIT
    """What becomes of signed and encrypted content that the edits would change."""
    copies_to: tuple[str, ...] = ()
    """Who gets a copy with the original attached."""
    way: Way = STRAIGHT
    """From whom, to whom and by which next hop it goes."""
    added: tuple[str, ...] = ()
    """Who gets the message too, as it came, where it is delivered."""
    on_release: tuple[Edit, ...] = field(default=(), compare=False)
    """What is changed in what is kept once somebody lets it go, unless he lets it go whole. No part of the decision."""
    would_have: Disposition | None = None
    """What was decided where something milder is done: monitor-only, detect-only, `reject` after 250."""
    track: Track = field(default=Track.NONE, compare=False)
    """Whether somebody is told that unwanted mail was seen. No part of the decision, and not remembered."""
