"""Whether there is room for more mail, and whether the doors are open. Upkeep keeps it; accept only reads it."""


class Capacity:
    """The state of the house, as accept needs it."""

    def __init__(self) -> None:
        self.full = ""
        """Why no mail can be kept at the moment, as a sentence for the log; empty while there is room."""
        self.crowded = False
        """Whether the storage limit is reached and the settings allow mail to go on, without processing."""
        self.closed = ""
        """Why no mail is taken at all (drain, disable, shutdown); empty while the doors are open."""
