"""What is remembered of recipients, in memory: for tests, and for nothing that has to last."""

from collections.abc import Sequence

from mailock.ports.mailboxes import Wish


class MemoryMailboxes:
    """Implements `ports.mailboxes.Mailboxes`."""

    def __init__(self) -> None:
        self._looked: float | None = None
        self._told: dict[tuple[str, str], float] = {}
        self._wishes: dict[tuple[str, str], Wish] = {}
        self._requests: dict[tuple[int, str], float] = {}

    def looked(self) -> float | None:
        """See the port."""
        return self._looked

    def look(self, at: float) -> None:
        """See the port."""
        self._looked = at

    def told(self, system: str, address: str) -> tuple[float, Wish]:
        """See the port."""
        key = system, address.lower()
        return self._told.get(key, 0.0), self._wishes.get(key, Wish.DAILY)

    def tell(self, system: str, address: str, at: float) -> None:
        """See the port."""
        self._told[system, address.lower()] = at

    def wish(self, system: str, address: str, wish: Wish) -> None:
        """See the port."""
        self._wishes[system, address.lower()] = wish

    def requested(self, queue_id: int, address: str) -> bool:
        """See the port."""
        return (queue_id, address.lower()) in self._requests

    def requesters(self, queue_id: int) -> Sequence[str]:
        """See the port."""
        return sorted(address for known, address in self._requests if known == queue_id)

    def request(self, queue_id: int, address: str, at: float) -> None:
        """See the port."""
        self._requests.setdefault((queue_id, address.lower()), at)

    def forget(self, before: float) -> None:
        """See the port."""
        self._requests = {key: at for key, at in self._requests.items() if at >= before}
