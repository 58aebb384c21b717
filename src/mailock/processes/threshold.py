"""What is known of a source and a sender before a message is read, put together for the process."""

from pathlib import Path

from mailock.operations.lists import ListDesk
from mailock.ports.clock import Clock
from mailock.ports.commands import Command
from mailock.processes.standing import Standing
from mailock.stations.accept.door import Door
from mailock.storage.entries import FileJournal


class Threshold:
    """The door, and what it asks."""

    def __init__(self, data: Path, clock: Clock, standing: Standing) -> None:
        self.lists = ListDesk(FileJournal(data), clock, standing=standing, told=standing.set_lists)
        self.door = Door(standing=standing, clock=clock)

    async def start(self) -> None:
        """Reads what it knew before. Raises OSError."""
        await self.lists.load()

    def commands(self) -> dict[str, Command]:
        """What people may ask of it."""
        return self.lists.commands()
