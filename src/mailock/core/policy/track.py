"""Whether somebody is told of something, besides what the log has of every message."""

from enum import Enum


class Track(Enum):
    """Whether somebody is told, from nobody to people at once."""

    NONE = "none"
    LOG = "log"
    """A line in the log of the process."""
    ALERT = "alert"
    """People, as [alerts] says."""
