"""Rules that name what no engine knows are warned of, with the place and the word that was meant."""

from textwrap import dedent

import pytest

from mailock.config.load import load
from mailock.config.mistakes import Mistakes
from mailock.config.vocabulary import Vocabulary, check_engines, has_words, unknown_words

KNOWN = Vocabulary(kinds=frozenset({"office.macro", "eicar"}), engines=frozenset({"office", "yara"}))
TEXT = dedent("""\
    [[mta.forwarding]]
    next_hop = "0.0.0.0"
    [[rule]]
    name = "a"
    except = ["office.macro", "office", "ofice.macro"]
    [[rule]]
    name = "b"
    then = { disposition = "hold" }
    [rule.when]
    finding = ["eicar", "no.such"]
    engine = "yarra"
""")


def test_each_word_that_nobody_knows_is_told_with_its_line() -> None:
    told = unknown_words(TEXT, load(TEXT).settings.policy, KNOWN, "f")
    assert [str(one) for one in told] == [
        (
            'f:5: [[rule]] except: there is no kind of finding or engine "ofice.macro" in this version: '
            'did you mean "office.macro"?'
        ),
        (
            'f:10: [rule.when] finding: there is no kind of finding "no.such" in this version: '
            "docs/finding-kinds.md lists them"
        ),
        'f:11: [rule.when] engine: there is no engine "yarra" in this version: did you mean "yara"?',
    ]


def test_nobody_is_asked_where_no_rule_names_anything() -> None:
    assert has_words(load(TEXT).settings.policy)
    assert not has_words(load(TEXT.partition("[[rule]]")[0]).settings.policy)


def test_an_engine_that_nobody_brings_is_a_mistake_with_its_line() -> None:
    text = '[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n[anti_virus]\nengines = ["acme", "gone"]\n'

    def find(name: str) -> None:
        if name == "gone":
            raise ValueError('there is no engine "gone"')

    with pytest.raises(Mistakes) as told:
        check_engines(text, load(text).settings.policy, find, "m.toml")
    assert str(told.value) == 'm.toml:4: [anti_virus] engines: there is no engine "gone"'
