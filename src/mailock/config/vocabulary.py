"""Whether rules name kinds of finding and engines that exist. What engines know is handed in by `policy check`."""

import tomllib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from mailock.config.findings import Findings
from mailock.config.lines import Lines, Path
from mailock.config.mistakes import Mistake
from mailock.config.model import Policy
from mailock.config.units import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words that findings can have."""

    kinds: frozenset[str]
    engines: frozenset[str]


def has_words(policy: Policy) -> bool:
    """Whether any rule names a kind or an engine, so that somebody has to be asked for them."""
    return any(rule.except_ or rule.when.names & {"finding", "engine"} for rule in policy.rule)


def check_engines(text: str, policy: Policy, find: Callable[[str], object], name: str) -> None:
    """Raises Mistakes for engines of others that `find` does not find, which it says with a ValueError. `text`: the
    file that the policy was read from, under its name.
    """
    findings = Findings(name, tomllib.loads(text), Lines(text).at)
    for place, engine in enumerate(policy.anti_virus.engines):
        try:
            find(engine)
        except ValueError as wrong:
            findings.complain(("anti_virus", "engines", place), str(wrong))
    findings.raise_mistakes()


def unknown_words(text: str, policy: Policy, known: Vocabulary, name: str) -> tuple[Mistake, ...]:
    """A warning for each word that no engine knows. `text`: the file that the policy was read from, under its name."""
    findings = Findings(name, tomllib.loads(text), Lines(text).at)
    for path, word, words, what in _named(policy, known):
        if word not in words:
            close = get_close_matches(word, words, n=1)
            mend = f"did you mean {shown(close[0])}?" if close else "docs/finding-kinds.md lists them"
            findings.warn(path, f"there is no {what} {shown(word)} in this version: {mend}")
    return tuple(findings.warnings)


def _named(policy: Policy, known: Vocabulary) -> Iterator[tuple[Path, str, Collection[str], str]]:
    for number, rule in enumerate(policy.rule):
        for place, word in enumerate(rule.except_):
            yield ("rule", number, "except", place), word, known.kinds | known.engines, "kind of finding or engine"
        for path, value in rule.when.entries:
            words = value if isinstance(value, tuple) else (value,)
            for word in (one for one in words if isinstance(one, str)):
                if path == ("finding",):
                    yield ("rule", number, "when", *path), word, known.kinds, "kind of finding"
                elif path == ("engine",):
                    yield ("rule", number, "when", *path), word, known.engines, "engine"
