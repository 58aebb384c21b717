"""Our anatomy of messages against what other parsers' own suites expect; a page lists each difference and its reason.

The suites and the sample mail are other people's, lie outside the project (tests/parts/data.py), and are only read.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailock.core.mime import words
from mailock.core.mime.block import head
from mailock.core.mime.declared import Declared, declared
from mailock.core.mime.parse import parse
from tests.golden.mime import trees
from tests.golden.mime.trees import Tree

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mime-differences.md"
Differences = dict[str, str]


def listed(suite: str) -> Differences:
    """The rows of the page for a suite: message, and whether all that it holds is seen."""
    found: Differences = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == suite:
            assert cells[3], f"{line}: no reason"
            found[cells[1]] = cells[2]
    return found


def compare(octets: bytes, expected: Tree, name: str, found: Differences) -> None:
    """Note a difference, and whether every expected content stands in some reading."""
    anatomy = parse(octets)
    assert anatomy.complete
    missing = trees.unseen(expected, anatomy)
    if missing or trees.differences(expected, anatomy):
        found[name] = "no" if missing or found.get(name) == "no" else "yes"


def test_mail_parser_expects_the_same_trees(test_data: Callable[[str], Path]) -> None:
    folder = test_data("stalwart-mail-parser") / "resources" / "eml"
    found: Differences = {}
    count = 0
    for file in sorted(folder.rglob("*.json")):
        name = file.name.removesuffix(".json").removesuffix(".crlf")
        octets = file.with_name(f"{name}.eml").read_bytes()
        if file.name.endswith(".crlf.json"):
            octets = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        compare(octets, trees.stalwart(file), f"{file.parent.name}/{name}", found)
        count += 1
    assert count == 214
    assert found == {name: seen for name, seen in listed("mail-parser").items() if ".json" not in name}


def test_mime4j_expects_the_same_trees(test_data: Callable[[str], Path]) -> None:
    folder = test_data("james-mime4j") / "core" / "src" / "test" / "resources"
    found: Differences = {}
    count = 0
    for file in sorted(folder.rglob("*_decoded.xml")):
        name = file.name.removesuffix("_decoded.xml")
        compare(file.with_name(f"{name}.msg").read_bytes(), trees.mime4j(file), name, found)
        count += 1
    assert count == 80
    assert found == listed("mime4j")


def _read(field: bytes, value: bytes) -> Declared:
    data = field + b": " + value
    return declared(head(data, 0, len(data), 1 << 20).readings[0].fields)


def _attributes_differ(said: Declared, attributes: list[tuple[str, str | None]]) -> bool:
    for name, value in attributes:
        match name:
            case "charset":
                known = value is None or value.lower() in said.charsets
            case "name" | "filename":
                known = value is None or not value.strip() or value.strip() in said.names.found
            case "boundary":
                known = value is None or value.encode() in said.boundaries
            case _:
                known = True
        if not known:
            return True
    return False


def test_mail_parser_expects_the_same_of_content_types(test_data: Callable[[str], Path]) -> None:
    file = test_data("stalwart-mail-parser") / "resources" / "content_type.json"
    found: Differences = {}
    cases: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    for number, case in enumerate(cases):
        said, expected = _read(b"Content-Type", case["header"].encode()), case["expected"]
        if expected is None:
            assert said.types == ["text/plain"]
            continue
        sub = expected.get("c_subtype")
        media = f"{expected['c_type']}/{sub}".lower()
        types_differ = bool(sub) and media.isascii() and media not in said.types
        if types_differ or _attributes_differ(said, expected.get("attributes") or []):
            found[f"content_type.json {number}"] = "no"
    assert len(cases) == 103
    assert found == {name: seen for name, seen in listed("mail-parser").items() if "content_type" in name}


def test_mail_parser_expects_the_same_of_unstructured_text(test_data: Callable[[str], Path]) -> None:
    """Blanks aside: whether one stands between two words is a matter of taste."""
    file = test_data("stalwart-mail-parser") / "resources" / "unstructured.json"
    for case in json.loads(file.read_text(encoding="utf-8")):
        # Fields that follow are no part of the value; a fold is a line that starts with a blank.
        lines = [line.strip("\r") for line in case["header"].split("\n")]
        value = lines[0] + "".join(line for line in lines[1:] if line[:1] in (" ", "\t"))
        assert words.decode(value.encode()).split() == case["expected"].split() or (
            "".join(words.decode(value.encode()).split()) == "".join(case["expected"].split())
        )


@pytest.mark.parametrize("suite", ["flanker", "rspamd-test", "spamassassin-t", "james-mime4j", "stalwart-mail-parser"])
def test_odd_and_broken_messages_are_taken_apart_completely(suite: str, test_data: Callable[[str], Path]) -> None:
    for file in sorted(test_data(suite).rglob("*")):
        if file.is_file() and (file.suffix in {".eml", ".msg", ".txt", ""} or "data" in file.parts):
            anatomy = parse(file.read_bytes())
            assert anatomy.complete, (file.name, anatomy.defects)


def test_no_ham_is_ambiguous_or_cut_off(test_data: Callable[[str], Path]) -> None:
    data = test_data("spamassassin-npm") / "data"
    files = [
        file for folder in ("easy-ham-1", "easy-ham-2", "hard-ham-1") for file in sorted((data / folder).iterdir())
    ]
    assert len(files) == 4_150
    refused = [file.name for file in files if not parse(file.read_bytes()).complete]
    assert not refused
