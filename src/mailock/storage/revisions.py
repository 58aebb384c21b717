"""Policy revisions as files: `policy/000007.toml` with its `.json` beside it, and `current`, which says which one runs.

Every file is written under another name, synced and renamed, and then the directory is synced; `current` comes last.
So a revision counts from the moment when `current` names it: one that was written and never named is passed over, its
number with it. What root writes belongs to the owner of the folder, so that the gateway can read it without root's
rights.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mailock.ports.revisions import Conflict, InstalledFrom, Revision
from mailock.storage.durable import sync_folder, write_durably

_POINTER: Final = "current"
_LOCK: Final = "lock"
_DIGITS: Final = 6


class FileRevisions:
    """The revisions in a folder, which is made with the first install. Any process may read; one at a time installs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def current(self) -> Revision | None:
        """What runs; None before the first install. Raises OSError where the folder was tampered with."""
        number, _ = self._pointer()
        return self._read(number, withdrawn=False) if number else None

    def get(self, number: int) -> Revision:
        """One revision. Raises KeyError where there is none."""
        current, withdrawn = self._pointer()
        if not 0 < number <= max([current, *withdrawn]) or not self._path(number, "json").exists():
            raise KeyError(f"there is no revision {number}")
        return self._read(number, withdrawn=number in withdrawn)

    def history(self, limit: int = 100) -> Sequence[Revision]:
        """The newest revisions, newest first."""
        current, withdrawn = self._pointer()
        last = max([current, *withdrawn])
        numbers = [n for n in self._numbers() if n <= last and self._path(n, "json").exists()]
        return [self._read(n, withdrawn=n in withdrawn) for n in sorted(numbers, reverse=True)[:limit]]

    def install(
        self,
        text: str,
        *,
        by: str,
        at: float,
        note: str,
        base: int,
        origin: InstalledFrom,
        rolled_back_to: int | None = None,
    ) -> int:
        """Makes a text the revision that runs."""
        with self._locked():
            current, withdrawn = self._pointer()
            if current != base:
                raise Conflict(base=base, current=current)
            number = max([current, *withdrawn, *self._numbers()]) + 1
            before = self._read(base, withdrawn=False) if base else None
            from_file = _sha256(text) if origin is InstalledFrom.FILE else before and before.file_sha256
            about = {
                "by": by,
                "at": at,
                "note": note,
                "base": base,
                "origin": origin.value,
                "rolled_back_to": rolled_back_to,
                "file_sha256": from_file,
                "sha256": _sha256(text),
            }
            self._write(self._path(number, "toml").name, text)
            self._write(self._path(number, "json").name, json.dumps(about, indent=1, ensure_ascii=False) + "\n")
            unnamed = [n for n in self._numbers() if current < n < number]
            self._point(number, sorted({*withdrawn, *unnamed}), otherwise=(current, withdrawn))
        return number

    def withdraw(self, number: int) -> None:
        """Makes the base of the revision that runs run again."""
        with self._locked():
            current, withdrawn = self._pointer()
            if current != number:
                raise Conflict(base=number, current=current)
            self._point(self._read(number, withdrawn=False).base, [*withdrawn, number], otherwise=(current, withdrawn))

    def _pointer(self) -> tuple[int, list[int]]:
        """Which revision runs (0: none), and the numbers that never came into force."""
        path = self._folder / _POINTER
        try:
            pointer = json.loads(path.read_text("utf-8"))
            return int(pointer["current"]), [int(number) for number in pointer["withdrawn"]]
        except FileNotFoundError:
            return 0, []
        except (ValueError, KeyError, TypeError):
            raise OSError(f"{path} does not say which policy revision runs: restore it from a backup") from None

    def _point(self, number: int, withdrawn: list[int], *, otherwise: tuple[int, list[int]]) -> None:
        """Names the revision that runs. Where the disk refuses, what was named before is named again."""
        try:
            self._write(_POINTER, json.dumps({"current": number, "withdrawn": withdrawn}) + "\n")
        except OSError:
            try:
                if self._pointer() != otherwise:
                    self._write(_POINTER, json.dumps({"current": otherwise[0], "withdrawn": otherwise[1]}) + "\n")
            except OSError:
                pass  # The disk refuses altogether. The first fault says why, and is raised.
            raise

    def _read(self, number: int, *, withdrawn: bool) -> Revision:
        try:
            text = self._path(number, "toml").read_bytes().decode("utf-8")
            about = json.loads(self._path(number, "json").read_text("utf-8"))
            if about["sha256"] != _sha256(text):
                raise ValueError("its text is not the one that was installed")
            return Revision(
                number=number,
                text=text,
                by=about["by"],
                at=float(about["at"]),
                note=about["note"],
                base=int(about["base"]),
                origin=InstalledFrom(about["origin"]),
                rolled_back_to=about["rolled_back_to"],
                file_sha256=about["file_sha256"],
                withdrawn=withdrawn,
            )
        except FileNotFoundError as fault:
            raise OSError(f"{fault.filename} is missing: restore it from a backup") from None
        except (ValueError, KeyError, TypeError) as fault:
            place = self._path(number, "toml")
            raise OSError(f"{place} is damaged ({fault}): restore it and its .json from a backup") from None

    def _numbers(self) -> list[int]:
        """All numbers that a file was written for, whether it came into force or not."""
        return [int(path.stem) for path in self._folder.glob("*.toml") if path.stem.isdecimal()]

    def _path(self, number: int, ending: str) -> Path:
        return self._folder / f"{number:0{_DIGITS}}.{ending}"

    def _write(self, name: str, text: str) -> None:
        write_durably(self._folder / name, text)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One installer at a time, also from other processes."""
        if not self._folder.exists():
            self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            if os.geteuid() == 0:
                owner = self._folder.parent.stat()
                os.chown(self._folder, owner.st_uid, owner.st_gid)
            sync_folder(self._folder.parent)
        with (self._folder / _LOCK).open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
