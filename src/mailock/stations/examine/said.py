"""What the jail has to say, gathered into frames: few of them, and each within its bound."""

from collections.abc import Callable
from typing import Final

from mailock.stations.examine.wire import Word, write_frame

WORDS_A_FRAME: Final = 200


class Said:
    """Gathers words, and sends them before anything that may kill us."""

    def __init__(self, emit: Callable[[bytes], None]) -> None:
        self._emit = emit
        self._words: list[Word] = []

    def say(self, word: Word) -> None:
        """Adds a word."""
        self._words.append(word)
        if len(self._words) >= WORDS_A_FRAME:
            self.flush()

    def flush(self) -> None:
        """Sends what was gathered."""
        if self._words:
            self._emit(write_frame(self._words))
            self._words.clear()
