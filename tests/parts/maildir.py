"""What a next hop delivered, read back from its Maildirs: one file for each message and recipient."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """One message as one recipient got it.

    `raw` is the whole file with the line ends of Unix, and what the deliverer put on top (Return-Path, Delivered-To).
    """

    recipient: str
    raw: bytes

    @cached_property
    def message(self) -> Message:
        """The same, parsed."""
        return message_from_bytes(self.raw)

    @property
    def return_path(self) -> str:
        """The envelope sender, without its angle brackets; empty for the null sender."""
        return str(self.message["Return-Path"]).strip().strip("<>")

    @property
    def body(self) -> bytes:
        """What stands behind the header block, undecoded."""
        return self.raw.partition(b"\n\n")[2]


def read_maildirs(root: Path, recipient: str | None = None) -> list[Delivered]:
    """Everything delivered so far, oldest first; to one recipient or to all. Folders are named for their recipient; in
    a folder that is not, the Delivered-To field tells.
    """
    files = [path for part in ("new", "cur") for path in root.glob(f"*/{part}/*")]
    files.sort(key=lambda path: path.stat().st_mtime_ns)
    found = [_read(path) for path in files]
    return found if recipient is None else [mail for mail in found if mail.recipient == recipient]


def _read(path: Path) -> Delivered:
    raw, folder = path.read_bytes(), path.parent.parent.name
    told = folder if "@" in folder else str(message_from_bytes(raw)["Delivered-To"])
    return Delivered(recipient=told.strip(), raw=raw)


async def wait_for_mail(
    look: Callable[[], list[Delivered]], count: int, within: float, context: Callable[[], str]
) -> list[Delivered]:
    """Until at least `count` are there; AssertionError with the server's log when time is up."""
    end = time.monotonic() + within
    while len(found := look()) < count:
        if time.monotonic() > end:
            raise AssertionError(f"{len(found)} of {count} messages after {within} s; the log says:\n{context()}")
        await asyncio.sleep(0.05)
    return found
