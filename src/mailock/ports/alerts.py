"""Telling people at once."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing that a person should know. Alerts with the same `kind` and `about` within a while are one."""

    kind: str
    """A short name that settings can switch on: `storage`, `late`, `shunt`, `certificate` …"""
    about: str
    text: str
    at: float


class Alerts(Protocol):
    """Takes alerts and never holds mail up: it returns at once and delivers in its own time."""

    def tell(self, alert: Alert) -> None:
        """Takes an alert."""
        ...
