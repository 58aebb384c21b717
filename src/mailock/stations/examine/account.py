"""What the jail said of a message, gathered and checked. It is untrusted: what does not fit ends it, and shows."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from mailock.core.evidence.coverage import ROOT, due
from mailock.core.evidence.examination import Contradiction
from mailock.core.evidence.finding import Fact, Link
from mailock.core.evidence.manifest import Manifest
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Incomplete, Looked, Report, Why
from mailock.core.evidence.wording import Sought, Spotted, Wording
from mailock.core.mail.shown import cleaned
from mailock.core.mime.part import PartPath
from mailock.ports.jail import End, Ended
from mailock.stations.examine.wire import Began, Exposed, Finished, Garbled, Searched, Word, read_frame

_WHY = {End.DONE: Why.NONSENSE, End.DIED: Why.DIED, End.LATE: Why.TIMED_OUT, End.OVERFULL: Why.TOO_MANY}


@dataclass(slots=True)
class Account:
    """What was said, until it ended."""

    files: dict[PartPath, File] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    exposed: list[Exposed] = field(default_factory=list)
    searched: Searched | None = None
    """Which words it has; None where that was not said."""
    over: Began | None = None
    """The engine and part that were being looked at last."""
    finished: bool = False
    garbled: str = ""


def hear(ended: Ended, manifests: Collection[Manifest]) -> Account:
    """The account of a job that ended, however it did. Only the jail's own engines have a say in it: whoever took the
    jail over cannot speak for a scanner outside.
    """
    account = Account()
    names = frozenset(manifest.name for manifest in manifests)
    try:
        for frame in ended.untrusted_frames:
            for word in read_frame(frame):
                if isinstance(word, Looked | Incomplete | Began) and word.engine not in names:
                    raise Garbled(f"a report of {word.engine[:40]!r}, which does not work in the jail")
                _take(account, word)
        if account.finished and ROOT not in account.files:
            raise Garbled("an account without the message itself")
    except Garbled as garbled:
        account.garbled = cleaned(str(garbled))
    return account


def missing(account: Account, ended: Ended, manifests: Iterable[Manifest]) -> Iterator[Incomplete]:
    """Where the account is not whole: that no engine saw all of the message, with the reason, and which parts were due.

    What was not even announced cannot be named, so each engine is incomplete on the message as such.
    """
    if account.finished and not account.garbled:
        return
    why = Why.NONSENSE if account.garbled else _WHY[ended.end]
    said = {(report.engine, report.part) for report in account.reports}
    files = tuple(account.files.values())
    for manifest in manifests:
        for path in dict.fromkeys((ROOT, *due(manifest, files))):
            if path == ROOT or (manifest.name, path) not in said:
                yield Incomplete(
                    engine=manifest.name,
                    version=manifest.version,
                    part=path,
                    why=why,
                    detail=account.garbled or ended.detail,
                )


def wording(account: Account, sought: Sequence[Sought]) -> Wording:
    """What is known of the words that were looked for. Where the jail did not say, each of them may be there."""
    searched = account.searched
    if not sought:
        return Wording()
    if searched is None or account.garbled or any(not 0 <= number < len(sought) for number, _ in searched.seen):
        return Wording(sought=frozenset(sought), whole=False)
    spotted = tuple(Spotted(sought[number], part) for number, part in searched.seen[: len(sought)])
    return Wording(sought=frozenset(sought), spotted=spotted, whole=searched.whole)


def _take(account: Account, word: Word) -> None:
    match word:
        case File():
            account.files[word.path] = word
        case Began():
            account.over = word
        case Looked() | Incomplete():
            account.reports.append(word)
        case Link():
            account.links.append(word)
        case Fact():
            account.facts.append(word)
        case Contradiction():
            account.contradictions.append(word)
        case Exposed():
            account.exposed.append(word)
        case Searched():
            account.searched = word
        case Finished():
            account.finished = True
