"""The journal of the allow and block lists: one JSON object a line, appended and synced.

A line that a power cut tore has no end; it was never answered for, so the next writer cuts it off. A line that is whole
and cannot be read is told with its number, for an entry that is lost in silence would let somebody in or keep him out.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Final

import msgspec

from mailock.ports.entries import Act, Written
from mailock.storage.durable import sync_folder

FILE: Final = "lists.jsonl"
LARGEST: Final = 64 << 20
"""Octets of the journal: some 300,000 acts."""


class FileJournal:
    """Implements `ports.entries.Journal` in a folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def read(self) -> Written:
        """All acts."""
        try:
            lines = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return Written(())
        acts: list[Act] = []
        unreadable: list[str] = []
        for number, line in enumerate(lines[:-1], 1):
            try:
                acts.append(msgspec.json.decode(line, type=Act))
            except (msgspec.DecodeError, UnicodeDecodeError) as fault:
                unreadable.append(f"{self._path}:{number}: this is no act on a list ({fault}): mend or delete the line")
        return Written(tuple(acts), tuple(unreadable))

    def add(self, act: Act) -> None:
        """Keeps one more."""
        line = json.dumps(_plain(act), ensure_ascii=False).encode() + b"\n"
        is_new = not self._path.exists()
        with self._path.open("ab+") as file:
            end = self._whole(file.fileno())
            if end + len(line) > LARGEST:
                raise OSError(f"{self._path} has no room for more: write the entries into the policy, and move it away")
            if is_new:
                os.fchmod(file.fileno(), 0o640)
                if os.geteuid() == 0:
                    owner = self._path.parent.stat()
                    os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            try:
                file.truncate(end)
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                file.truncate(end)
                raise
        if is_new:
            sync_folder(self._path.parent)

    @staticmethod
    def _whole(handle: int) -> int:
        """Where the last whole line ends."""
        size = os.fstat(handle).st_size
        at = size
        while at > 0:
            start = max(0, at - 65_536)
            found = os.pread(handle, at - start, start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            at = start
        return 0


def _plain(act: Act) -> dict[str, object]:
    return {**asdict(act), "did": act.did.value, "effect": act.effect.value}
