"""What is wrong with a file, said so that it can be mended: all of it, each with its place."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that is wrong, or that somebody should look at."""

    file: str
    """The file as it was named, `revision 7`, or the environment variable."""
    line: int
    """From 1; 0 where there is no line."""
    section: str
    """As the file writes it: `[mta.limits]`; empty where no section is meant."""
    key: str
    text: str
    """What is wrong, and the mend."""

    def __str__(self) -> str:
        """One line: `mailock.toml:12: [mta.limits] message_size: what is wrong: the mend`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        where = " ".join(part for part in (self.section, self.key) if part)
        return f"{place}: {where}: {self.text}" if where else f"{place}: {self.text}"


class Mistakes(Exception):
    """Everything that is wrong with a file, in the order of its lines. `warnings` merely deserve a look."""

    def __init__(self, mistakes: Iterable[Mistake], warnings: Iterable[Mistake] = ()) -> None:
        self.mistakes = tuple(sorted(mistakes, key=_place))
        self.warnings = tuple(sorted(warnings, key=_place))
        super().__init__("\n".join(map(str, self.mistakes)))


def _place(mistake: Mistake) -> tuple[str, int]:
    return mistake.file, mistake.line
