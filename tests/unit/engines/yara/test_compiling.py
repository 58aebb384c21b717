"""Rules of the administrator: compiled with the built-in ones, and every mistake told at once, with file and line."""

from pathlib import Path

import pytest

from mailock.config.mistakes import Mistakes
from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.finding import Confidence, Severity
from mailock.core.evidence.report import Unfinished, Why
from mailock.engines.yara.compiling import KINDS, compile_rules
from mailock.engines.yara.engine import Yara
from mailock.engines.yara.ruleset import RuleSet
from tests.parts.specimens import specimen

RULE = 'rule {name} {{ meta: {meta} strings: $a = "needle" condition: $a }}\n'


def written(folder: Path, **files: str) -> Path:
    """A folder with these files; `_` stands for a dot."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def mistakes_of(folder: Path) -> list[str]:
    """What is wrong, a line each, the folder left out."""
    with pytest.raises(Mistakes) as raised:
        compile_rules(folder)
    return [str(one).replace(f"{folder}/", "") for one in raised.value.mistakes]


def test_metadata_says_what_a_match_means(tmp_path: Path) -> None:
    meta = 'kind = "house.needle"\nseverity = "malicious" confidence = "high" description = "a needle"'
    written(tmp_path, a_yar=RULE.format(name="needle", meta="\n" + meta + "\n"))
    rules = compile_rules(tmp_path)
    engine = Yara(rules)
    (finding,) = engine.look(specimen(b"hay needle hay"))
    assert (finding.kind, finding.severity, finding.confidence) == ("house.needle", Severity.MALICIOUS, Confidence.HIGH)
    assert finding.evidence == "rule needle matches: a needle"
    assert engine.manifest.kinds["house.needle"] == "A rule in a.yar says so."


@pytest.mark.parametrize(
    ("meta", "severity"),
    [
        ("", Severity.SUSPICIOUS),
        ("score = 80", Severity.MALICIOUS),
        ("score = 60", Severity.SUSPICIOUS),
        ("score = 10", Severity.NOTE),
        ('severity = "Note"', Severity.NOTE),
        ("severity = 7", Severity.SUSPICIOUS),
        ("score = true", Severity.SUSPICIOUS),
    ],
)
def test_rules_of_other_houses_are_read_with_defaults(tmp_path: Path, meta: str, severity: Severity) -> None:
    written(tmp_path, a_yar=RULE.format(name="needle", meta=meta or "x = 1"))
    (finding,) = Yara(compile_rules(tmp_path)).look(specimen(b"needle"))
    assert (finding.severity, finding.confidence, finding.kind) == (severity, Confidence.MEDIUM, "yara.rule")


def test_all_mistakes_come_at_once_each_with_its_line(tmp_path: Path) -> None:
    written(
        tmp_path,
        a_yar="rule one { condition: nosuch }\n\nrule two { condition: neither }\n",
        b_yar='include "c.yar"\n',
        deep__c_yara="rule three {\n  strings: $a = /(/\n  condition: $a\n}\n",
        d_yar='import "nosuch"\n',
        notes_txt="no rule at all {",
    )
    (tmp_path / "e.yar").write_bytes(b"// fine\n// not UTF-8: \xff\n")
    got = mistakes_of(tmp_path)
    assert [line.partition(": ")[0] for line in got] == [
        "a.yar:1",
        "a.yar:3",
        "b.yar:1",
        "d.yar:1",
        "deep/c.yara:2",
        "e.yar:2",
    ]
    assert got[0] == (
        'a.yar:1: unknown identifier "nosuch" (this identifier has not been declared): '
        "define it, or import the module that has it"
    )
    assert "include statements not allowed" in got[2]
    assert "put what it includes into the folder itself" in got[2]
    assert "save the file in that encoding" in got[5]


def test_a_folder_that_is_not_there_is_a_mistake_and_names_the_setting(tmp_path: Path) -> None:
    (mistake,) = mistakes_of(tmp_path / "missing")
    assert "cannot be read (No such file or directory): check [anti_virus] rules" in mistake


def test_two_files_may_have_a_rule_of_one_name_and_one_file_may_not(tmp_path: Path) -> None:
    one = RULE.format(name="needle", meta="x = 1")
    written(tmp_path, a_yar=one, b_yar=one)
    assert len(list(Yara(compile_rules(tmp_path)).look(specimen(b"needle")))) == 2
    written(tmp_path, a_yar=one + one)
    (mistake,) = mistakes_of(tmp_path)
    assert mistake.startswith("a.yar:2: ")
    assert mistake.endswith("give one of them another name")


def test_other_rules_are_another_version_and_the_same_rules_are_not(tmp_path: Path) -> None:
    written(tmp_path, a_yar=RULE.format(name="needle", meta="x = 1"))
    first = compile_rules(tmp_path)
    assert compile_rules(tmp_path) == first
    assert first.files == 1
    written(tmp_path, a_yar=RULE.format(name="needle", meta="x = 2"))
    assert compile_rules(tmp_path).version != first.version
    assert compile_rules(None).kinds == KINDS
    assert Yara(first).manifest.version == first.version


def test_compiled_rules_go_through_the_jails_door_as_octets(tmp_path: Path) -> None:
    written(tmp_path, a_yar=RULE.format(name="needle", meta="x = 1"))
    octets = compile_rules(tmp_path).write()
    assert len(list(Yara(RuleSet.read(octets)).look(specimen(b"needle")))) == 1
    for damaged in (b"", b"x" + octets, octets[:-100], octets + b"x"):
        with pytest.raises(ValueError, match="no compiled rules"):
            RuleSet.read(damaged)


def test_names_reach_rules_that_ask_for_them_and_the_manifest_says_so(tmp_path: Path) -> None:
    plain = Yara()
    assert plain.manifest.needs == frozenset()
    condition = 'filename contains "invoice" and extension == ".docm" and filetype == "docx" and family == "ooxml"'
    written(tmp_path, a_yar=f"rule named {{ condition: {condition} }}")
    engine = Yara(compile_rules(tmp_path))
    assert engine.manifest.needs == {"name", "declared"}
    docx = FileType(family=Family.OOXML, name="docx", media="application/x")
    assert len(list(engine.look(specimen(b"", name="An invoice.DOCM", type_=docx)))) == 1
    assert not list(engine.look(specimen(b"", name="a letter.docm", type_=docx)))
    assert not list(engine.look(specimen(b"", name="\ud800invoice", type_=docx)))


def test_rules_that_take_too_long_end_at_their_time(tmp_path: Path) -> None:
    written(tmp_path, a_yar="rule slow { condition: for all i in (0..9000000000) : (uint8(i % 50) != 77) }")
    engine = Yara(compile_rules(tmp_path), seconds=1)
    with pytest.raises(Unfinished) as raised:
        list(engine.look(specimen(b"hay " * 20)))
    assert raised.value.why is Why.TIMED_OUT
    assert not list(Yara().look(specimen(b"hay")))
