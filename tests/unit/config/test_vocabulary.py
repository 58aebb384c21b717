"""Rules that name what no engine knows are warned of, with the place and the word that was meant."""

from textwrap import dedent

from mailock.config.load import load
from mailock.config.vocabulary import Vocabulary, has_words, unknown_words

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
