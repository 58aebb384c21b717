"""The accounts of internal submitters: which file they are in is part of the policy, so an install may name another."""

import asyncio
from pathlib import Path

from mailock.config.model import Policy
from mailock.storage.users import UsersFile


class Accounts:
    """A Participant of installs, and the one whom sessions ask about passwords."""

    name = "the accounts"

    def __init__(self) -> None:
        self._file = UsersFile(None)
        self._next = self._file
        self._before = self._file

    async def check(self, name: str, password: str) -> bool:
        """Whether this is the account's password. Raises OSError or ValueError where the file cannot be used."""
        return await self._file.check(name, password)

    async def prepare(self, policy: Policy) -> None:
        """Sees that the file can be read. Raises OSError or ValueError with a sentence."""
        self._before = self._file
        submission = policy.mta.submission
        self._next = UsersFile(Path(submission.users_file) if submission.enabled and submission.users_file else None)
        await asyncio.to_thread(self._next.read)

    async def switch(self, revision: int) -> None:
        """Asks that file from now on."""
        self._file = self._next

    async def undo(self) -> None:
        """Goes back."""
        self._file = self._before
