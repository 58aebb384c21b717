"""What several readers of one container, or several views of one disk, have alike."""

import hashlib
from collections.abc import Iterator

from mailock.core.evidence.finding import Child, Finding


class Once:
    """Lets each file pass once. Its ending is a part of it, since that chooses the program that opens it; the rest of
    its name is not, since an old view of a disk has it shorter, and in capitals.
    """

    def __init__(self) -> None:
        self._seen: set[tuple[str, bytes]] = set()

    def first(self, untrusted_name: str, content: bytes) -> bool:
        """Whether this content was not there before under this ending."""
        ending = untrusted_name.rpartition(".")[2].partition(";")[0].rstrip(" .").casefold()
        known = ending, hashlib.sha256(content).digest()
        fresh = known not in self._seen
        self._seen.add(known)
        return fresh

    def fresh(self, seen: Iterator[Child | Finding]) -> Iterator[Child | Finding]:
        """What an earlier reader has not given yet."""
        for one in seen:
            if not isinstance(one, Child) or self.first(one.untrusted_name, one.content):
                yield one
