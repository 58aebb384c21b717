"""What copies say: what was found and decided, for whom, and no name that was to stay unseen."""

from dataclasses import replace

from mailock.core.mail.message import Glimpse
from mailock.core.policy.case import Case
from mailock.core.policy.copies import MOST_LINKS, Ordered, copies
from mailock.core.policy.decide import judge
from mailock.core.policy.profile import MaliciousMail, Profile
from mailock.core.policy.rulebase import Rulebase
from mailock.core.rewriting.texts import COPY_TEMPLATE, VARIABLES, unknown_variables
from tests.parts.evidence import case, found, link
from tests.unit.core.policy.test_decide import EICAR

WATCHED = Rulebase(default=Profile(malicious=MaliciousMail(copies_to=("security@ours.example",))))


def ordered(of: Case, template: str = COPY_TEMPLATE, rulebase: Rulebase = WATCHED) -> tuple[Ordered, ...]:
    """The copies of a message."""
    return copies(of, judge(of, rulebase), template)


def with_header(of: Case, to: str, subject: str = "hello") -> Case:
    """The same with a header that names these."""
    return replace(of, message=replace(of.message, glimpse=Glimpse(to=to, subject=subject)))


def address(of: Case, number: int = 0) -> str:
    """A recipient."""
    return str(of.message.envelope.recipients[number].address)


def test_nobody_watches_what_is_clean_or_where_nobody_is_named() -> None:
    assert ordered(case(found())) == ()
    assert ordered(case(found(EICAR)), rulebase=Rulebase()) == ()


def test_a_copy_says_what_was_found_and_what_became_of_it() -> None:
    given = case(found(EICAR))
    (one,) = ordered(with_header(given, f"Ann <{address(given).upper()}>"))
    assert one.to == ("security@ours.example",)
    assert one.subject == "Copy of a message that is malicious: hello"
    assert f"For:      {address(given)}\n" in one.text
    assert "- kept in quarantine for" in one.text and "by rule malicious-mail" in one.text
    assert "$" not in one.text


def test_who_is_not_in_the_header_is_counted_and_not_named() -> None:
    given = case(found(EICAR))
    (one,) = ordered(with_header(given, "somebody@else.example"))
    assert address(given) not in one.text
    assert "1 whom its header does not name" in one.text
    (alike,) = ordered(with_header(given, f"x{address(given)}"))
    assert f"For:      {address(given)}" not in alike.text


def test_links_cannot_be_followed_and_do_not_flood() -> None:
    links = tuple(link(f"http://bad.example/{n}") for n in range(MOST_LINKS + 3))
    given = case(replace(found(EICAR), links=links))
    (one,) = ordered(given)
    assert "http:" not in one.text and "hxxp[:]//bad[.]example/0" in one.text
    assert one.text.count("hxxp") == MOST_LINKS and "and 3 more" in one.text


def test_the_subject_of_a_hostile_message_stays_a_line() -> None:
    (one,) = ordered(with_header(case(found(EICAR)), "x", "=?utf-8?q?a=0D=0ABcc:_evil?= $verdicts$"), "<$subject$>")
    assert "\n" not in one.text and "\r" not in one.subject
    assert "$verdicts$" in one.text


def test_the_template_that_ships_knows_its_variables() -> None:
    assert unknown_variables(COPY_TEMPLATE) == ()
    assert unknown_variables("$decision$ $links$ $source$") == () and "source" in VARIABLES
