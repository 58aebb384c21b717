"""The course of a drain or disable, as a small file in the data folder."""

import dataclasses
import json
from pathlib import Path
from typing import Final

import msgspec

from mailock.core.policy.disabling import Course
from mailock.storage.durable import write_durably

FILE: Final = "doors.json"


class FileOrders:
    """Implements `ports.orders.Orders` in a folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def read(self) -> Course | None:
        """The course that stands."""
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return msgspec.json.decode(text, type=Course)
        except (msgspec.DecodeError, UnicodeDecodeError) as fault:
            raise OSError(
                f"{self._path} does not say whether mail is to be taken ({fault}): delete it to take mail again"
            ) from None

    def write(self, course: Course) -> None:
        """Makes a course the one that stands."""
        fields = {**dataclasses.asdict(course), "step": course.step.value}
        write_durably(self._path, json.dumps(fields, ensure_ascii=False, indent=1) + "\n")
