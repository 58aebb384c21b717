"""What a rule says of return path, recipient and next hop, as the file writes it, and every mistake that is told."""

from textwrap import dedent

import pytest

from mailock.config.compile import compile_policy
from mailock.config.load import load
from mailock.config.mistakes import Mistakes
from mailock.core.policy.way import Way

ROUTES = '[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n'
SENT_ON = """\
    [[mta.forwarding]]
    domain = "*"
    direction = "outgoing"
    next_hop = "mx:"
    [object.dlp]
    host = ["dlp.internal:2525"]
    [[mta.forwarding]]
    domain = "dest.test"
    next_hop = "mail.test"
    [[rule]]
    name = "by dlp"
    when = { direction = "outgoing" }
    then = { next_hop = "dlp", rewrite_sender = "*@Bounces.Test", add_recipient = ["archive@dest.test"] }
    [[rule]]
    name = "moved"
    when = { recipient = "old@dest.test" }
    then = { rewrite_recipient = "new@dest.test" }
"""


def test_a_rule_says_from_whom_to_whom_and_by_which_next_hop() -> None:
    policy = load(dedent(SENT_ON)).settings.policy
    compiled = compile_policy(policy, revision=1, hostname="mx.test")
    by, moved = (rule.then for rule in compiled.rulebase.rules)
    assert by is not None
    assert moved is not None
    assert by.way == Way(sender="*@bounces.test", via="by dlp", hop="dlp.internal:2525")
    assert by.added == ("archive@dest.test",)
    assert moved.way == Way(recipient="new@dest.test")
    assert str(compiled.routes.chosen["by dlp"]) == "dlp.internal:2525"


@pytest.mark.parametrize(
    ("then", "wrong"),
    [
        ('next_hop = "0.0.0.0"', 'next_hop: "0.0.0.0" is for forwarding rules: to keep mail, write disposition ='),
        ('next_hop = "a b"', "next_hop: "),
        ('rewrite_sender = "*"', 'rewrite_sender: "*" is not a mail address'),
        ('rewrite_sender = "*@a b"', 'rewrite_sender: "a b" is not a domain name'),
    ],
)
def test_what_cannot_be_sent_so_is_told(then: str, wrong: str) -> None:
    with pytest.raises(Mistakes) as refused:
        load(f'{ROUTES}[[rule]]\nname = "r"\nthen = {{ {then} }}\n')
    (mistake,) = refused.value.mistakes
    assert (mistake.line, mistake.section) == (5, "[rule.then]")
    assert wrong in f"{mistake.key}: {mistake.text}"


def test_whom_a_rule_writes_to_has_to_be_reached() -> None:
    alone = '[[mta.forwarding]]\ndomain = "dest.test"\nnext_hop = "mail.test"\n'
    rule = '[[rule]]\nname = "r"\nthen = {{ {} }}\n'
    for then in ('add_recipient = ["a@elsewhere.test"]', 'rewrite_recipient = "*@elsewhere.test"'):
        with pytest.raises(Mistakes) as refused:
            load(alone + rule.format(then))
        assert "no rule takes mail for" in str(refused.value)
