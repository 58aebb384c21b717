"""From rules as people write them to rules as the jail gets them; all mistakes at once, with file and line.

This runs where no mail is: when a policy is installed, at SIGHUP and at start. Each file has a namespace of its own,
so that two collections may both have a rule of one name. `include` is refused: what a rule set holds is what is in its
folder. Besides YARA's own words rules may use what many public collections expect: `filename`, `filepath` (both the
part's name), `extension`, `filetype` (our word for the type, `docx`), and `family` (`ooxml`).
"""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version as version_of
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import yara_x

from mailock.config.antivirus import AntiVirus
from mailock.config.mistakes import Mistake, Mistakes
from mailock.config.units import shown
from mailock.engines.yara.meaning import ANY_KIND
from mailock.engines.yara.ruleset import RuleSet

BUILT_IN: Final = Path(__file__).with_name("rules")
ENDINGS: Final = frozenset({".yar", ".yara"})
NAMES: Final = ("filename", "filepath", "extension", "filetype", "family")
_FILES: Final = 10_000
_OCTETS: Final = 128 << 20
_KINDS: Final = 500
_KIND: Final = re.compile(r'\bkind\s*=\s*"([a-z0-9][a-z0-9._-]{0,63})"')
"""What may be a rule's kind: one that stands in a comment is a kind too many, which harms nothing."""
_USES_NAMES: Final = re.compile(rf"\b(?:{'|'.join(NAMES)})\b")
_MENDS: Final = {
    "IncludeNotAllowed": "put what it includes into the folder itself",
    "UnknownIdentifier": "define it, or import the module that has it",
    "UnknownModule": "this version does not have it; leave out the rules that need it",
    "DuplicateRule": "give one of them another name",
}
KINDS: Final = {
    "eicar": "The industry's test file for scanners; it is harmless, and treated as if it were not.",
    "eicar.quoted": "The text of the test file where it cannot be started, such as in a letter about it.",
    "yara.exploit": "A file that is made to break the program that opens it.",
    "yara.script": "A script that fetches or starts other programs.",
    "yara.shortcut": "A shortcut that starts other programs.",
    "yara.document": "A document that starts other programs.",
    ANY_KIND: "A rule that says no kind of its own.",
}


@dataclass(frozen=True, slots=True)
class _Source:
    """One file of rules."""

    path: Path
    namespace: str
    text: str


def compile_rules(folder: Path | None) -> RuleSet:
    """The built-in rules, and those of a folder. Raises Mistakes with everything that is wrong with the folder's."""
    mistakes: list[Mistake] = []
    own = list(_sources(BUILT_IN, "mailock", mistakes))
    theirs = list(_sources(folder, "rules", mistakes)) if folder is not None else []
    compiler = yara_x.Compiler(relaxed_re_syntax=True, includes_enabled=False)
    for name in NAMES:
        compiler.define_global(name, "")
    for source in own + theirs:
        compiler.new_namespace(source.namespace)
        try:
            compiler.add_source(source.text, origin=str(source.path))
        except yara_x.CompileError:
            continue  # it keeps its errors, all of which are read below
    mistakes += [_mistake(error) for error in compiler.errors()]
    if mistakes:
        raise Mistakes(mistakes)
    kinds = dict(KINDS)
    for source in theirs:
        for kind in _KIND.findall(source.text)[:_KINDS]:
            kinds.setdefault(kind, f"A rule in {source.path.name} says so.")
    return RuleSet(
        version=_version(own + theirs),
        files=len(theirs),
        kinds=kinds,
        uses_names=any(_USES_NAMES.search(source.text) for source in own + theirs),
        code=_code(compiler.build()),
    )


def check_rules(settings: AntiVirus) -> None:
    """Raises Mistakes where the rules that a policy names would not be taken."""
    if settings.enabled and settings.rules is not None:
        compile_rules(Path(settings.rules))


def _code(rules: yara_x.Rules) -> bytes:
    into = BytesIO()
    rules.serialize_into(into)
    return into.getvalue()


def _version(sources: list[_Source]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        for text in (source.namespace, source.text):
            octets = text.encode()
            digest.update(len(octets).to_bytes(8, "big") + octets)
    return f"{version_of('yara-x')}/{digest.hexdigest()[:16]}"


def _sources(folder: Path, prefix: str, mistakes: list[Mistake]) -> Iterator[_Source]:
    """The files of a folder, in the order of their names."""
    left, octets = _FILES, _OCTETS
    for path in _files(folder, mistakes):
        left -= 1
        text = _text(path, octets, mistakes)
        if text is None:
            continue
        octets -= len(text)
        if left < 0 or octets < 0:
            limit = f"{_FILES} files or {_OCTETS >> 20} MiB"
            mistakes.append(_alone(folder, f"holds more than {limit} of rules: leave out what you do not need"))
            return
        yield _Source(path, f"{prefix}/{path.relative_to(folder)}", text)


def _files(folder: Path, mistakes: list[Mistake]) -> list[Path]:
    found: list[Path] = []

    def refuse(fault: OSError) -> None:
        place = Path(fault.filename or folder)
        mistakes.append(
            _alone(place, f"cannot be read ({fault.strerror}): check [anti_virus] rules and its permissions")
        )

    for root, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(root, name) for name in names if Path(name).suffix.lower() in ENDINGS and name[0] != "."]
    return sorted(found)


def _text(path: Path, most: int, mistakes: list[Mistake]) -> str | None:
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
        return content.decode("utf-8-sig")
    except OSError as fault:
        mistakes.append(_alone(path, f"cannot be read ({fault.strerror}): check its permissions"))
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        mistakes.append(_alone(path, "is not UTF-8: save the file in that encoding", line))
    return None


def _mistake(error: dict[str, Any]) -> Mistake:
    """The compiler's own words, in one sentence, with our mend where we know one."""
    label = next((one["text"] for one in error["labels"] if one["level"] == "error"), "")
    title = str(error["title"]).replace("`", '"')
    detail = f" ({str(label).replace('`', chr(34))})" if label and str(label) not in title else ""
    mend = _MENDS.get(str(error["type"]), "correct the rule, or move its file out of the folder")
    place = next((one["code_origin"] for one in error["labels"] if one["code_origin"]), "rules")
    return _alone(Path(place), f"{title}{detail}: {mend}", int(error["line"] or 0))


def _alone(path: Path, text: str, line: int = 0) -> Mistake:
    place = str(path)
    return Mistake(file=place if place.isprintable() else shown(place), line=line, section="", key="", text=text)
