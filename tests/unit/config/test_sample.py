"""The file that `mailock init` writes can be used as it is, and every line in it that is commented out is right."""

import re

from mailock.config.load import load
from mailock.config.mistakes import Mistakes
from mailock.config.reference import reference, sections
from mailock.config.sample import sample

SWITCHED_OFF = re.compile(r"^#(?=[\[a-z])", re.MULTILINE)


def test_it_loads_without_mistakes_and_warnings() -> None:
    assert load(sample()).warnings == ()


def test_switching_everything_on_leaves_one_contradiction() -> None:
    try:
        load(SWITCHED_OFF.sub("", sample()))
    except Mistakes as wrong:
        assert [mistake.section for mistake in wrong.mistakes] == ["[object.NAME]"]
    else:
        raise AssertionError("an object cannot be hosts, a domain and networks at once")


def test_values_that_are_shown_as_defaults_are_the_defaults() -> None:
    without_examples = [
        line
        for line in sample().splitlines()
        if not any(
            re.match(rf"#?{re.escape(one.name)} = ", line) and one.spec.example
            for section in sections()
            for one in section.settings
        )
    ]
    text = re.sub(r"^#(?=[a-z])", "", "\n".join(without_examples), flags=re.MULTILINE)
    text = re.sub(
        r"^#\[\[?(mta\.listener|mta\.access|anti_virus\.feed|log\.forward|reputation\.dns|list\.(?:allow|block)|object|virtual_system|profile|rule|pin|golden)\b.*?(?=^\[|\Z)",
        "",
        text,
        flags=re.M | re.S,
    )
    rules = '[[mta.forwarding]]\ndomain = "example.com"\nnext_hop = "mail.internal:25"\nverification = "callout"\n'
    rules += '[[mta.forwarding]]\ndirection = "outgoing"\nnext_hop = "mx:"\n'
    head, _, rest = text.partition("\n[[mta.forwarding]]")
    tail = rest.partition("[mta.implied_rule]")[2]
    assert load(f"{head}\n[mta.implied_rule]{tail}\n{rules}").settings == load(rules).settings


def test_every_section_of_the_model_is_in_it_or_comes_later() -> None:
    text = sample()
    for section in sections():
        later = any(one.name == "enabled" and "true" in one.spec.later for one in section.settings)
        assert later or not section.settings or section.header in text, section.header


def test_every_setting_has_a_sentence() -> None:
    for section in sections():
        assert section.doc.endswith("."), section.header
        for one in section.settings:
            assert one.spec.doc.endswith("."), f"{section.header} {one.name}"


def test_the_reference_has_a_row_for_every_setting() -> None:
    rows = reference()
    kinds = set()
    for section in sections():
        assert f"## `{section.header}`" in rows
        if section.kind not in kinds:
            kinds.add(section.kind)
            part = rows.partition(f"## `{section.header}`")[2].partition("\n## ")[0]
            for one in section.settings:
                assert f"| `{one.name}` |" in part or one.name == "name", f"{section.header} {one.name}"
