"""The engine over lying, slow and endless answers: bounded, explained, and never a pass."""

import asyncio
from collections.abc import Sequence

import pytest

from mailock.core.authentication import documents
from mailock.core.authentication.dmarc_record import Policy
from mailock.core.authentication.questions import Ask, Found, RecordType, Unlearnt
from mailock.core.evidence.coverage import ROOT
from mailock.core.evidence.finding import Fact, FactKind, Severity
from mailock.core.evidence.report import Unfinished
from mailock.engines.authentication import answers
from mailock.engines.authentication.answers import Answers
from mailock.engines.authentication.findings import KINDS, findings
from mailock.engines.authentication.online import AuthenticationEngine, Source, evidence_in
from tests.contract.authentication.worlds import authenticated
from tests.parts.signing import NOW, key, sealed, signed, zone

MESSAGE = b"From: ann@sender.example\r\nSubject: hello\r\n\r\nHello.\r\n"
SENDER = "ann@sender.example"
SOURCE = Source(ip="192.0.2.1", untrusted_helo="mx.sender.example", untrusted_sender=SENDER)
RSA = key("sender.example")


class Liar:
    """Answers everything the same way, and counts."""

    def __init__(self, found: Found | Unlearnt) -> None:
        self.found = found
        self.asked: list[Ask] = []

    async def records(self, ask: Ask) -> Found | Unlearnt:
        """The same again."""
        self.asked.append(ask)
        return self.found


class Mute:
    """Never answers."""

    async def records(self, ask: Ask) -> Found | Unlearnt:
        """Nothing, for ever."""
        await asyncio.get_running_loop().create_future()
        raise AssertionError


def judged(names: Answers, message: bytes = MESSAGE, *, seconds: float = 5.0) -> tuple[str, str, str, Sequence[str]]:
    """SPF, ARC, DMARC and DKIM of a message."""
    engine = AuthenticationEngine(names, receiver="mx.receiver.example", now=lambda: NOW, seconds=seconds)
    evidence = documents.evidence(message, "mx.receiver.example")
    found = asyncio.run(engine.judge(SOURCE, evidence))
    assert found.spf is not None
    results = [one.result.value for one in found.dkim]
    return found.spf.result.value, found.arc.result.value, found.dmarc.result.value, results


@pytest.mark.parametrize(
    "text",
    [
        "v=spf1 include:sender.example -all",
        "v=spf1 redirect=sender.example",
        "v=spf1 include:%{d} a mx ptr exists:%{i}.%{d}",
        "v=spf1 " + "a:x.example " * 5000,
        "v=spf1 " + "x" * 100_000,
        "v=DKIM1; p=",
        "v=DMARC1; p=reject; psd=n",
        "\0" * 60_000,
        "v=spf1 exists:%{l1r}.%{s}.%{o}.%{h}.x.example -all",
        "v=spf1 exp=%{d} -all",
    ],
)
def test_a_dns_that_loops_or_floods_ends_and_gives_no_pass(text: str) -> None:
    liar = Liar(Found((text,) * 1000))
    spf, _, dmarc, dkim = judged(liar, signed(MESSAGE, RSA))
    assert spf != "pass"
    assert dmarc != "pass"
    assert "pass" not in dkim
    assert len(liar.asked) <= answers.QUESTIONS


def test_what_cannot_be_learnt_is_temperror_everywhere() -> None:
    results = f"Authentication-Results: {'mx.receiver.example'}; arc=none\r\n".encode()
    message = sealed(signed(MESSAGE, RSA), RSA, results)
    assert isinstance(message, bytes)
    assert judged(Liar(Unlearnt("SERVFAIL")), message) == ("temperror", "temperror", "temperror", ["temperror"])


def test_a_dns_that_never_answers_costs_the_time_of_one_message() -> None:
    assert judged(Mute(), signed(MESSAGE, RSA), seconds=0.05) == ("temperror", "none", "temperror", ["temperror"])


class Forger:
    """The names of somebody whose server keeps silent, beside those of a domain that wants forgeries refused."""

    async def records(self, ask: Ask) -> Found | Unlearnt:
        """A policy; of everything else of the forger's, nothing for ever."""
        if ask.name.endswith("forger.example"):
            await asyncio.get_running_loop().create_future()
        await asyncio.sleep(0.005)
        return Found(("v=DMARC1; p=reject",) if ask.name == "_dmarc.sender.example" else ())


def test_a_forger_whose_names_take_all_the_time_does_not_hide_the_policy() -> None:
    engine = AuthenticationEngine(Forger(), receiver="mx.receiver.example", now=lambda: NOW, seconds=0.05)
    message = signed(MESSAGE, key("forger.example"))
    source = Source(ip="192.0.2.1", untrusted_helo="forger.example", untrusted_sender="x@forger.example")
    found = asyncio.run(engine.judge(source, documents.evidence(message, "mx.receiver.example")))
    assert found.spf is not None
    assert (found.spf.result.value, found.dkim[0].result.value) == ("temperror", "temperror")
    assert (found.dmarc.result.value, found.dmarc.policy) == ("fail", Policy.REJECT)


async def test_one_message_asks_for_so_many_names_and_for_each_once() -> None:
    liar = Liar(Found(()))
    budget = answers.Budget(liar)
    for number in range(answers.QUESTIONS + 10):
        ask = Ask(f"n{number}.example", RecordType.A)
        first, again = await budget.reply(ask), await budget.reply(ask)
        assert first == again
        assert isinstance(first, Found) == (number < answers.QUESTIONS)
    assert len(liar.asked) == answers.QUESTIONS


def test_a_message_of_everything_too_much_stays_bounded() -> None:
    field = signed(MESSAGE, RSA).partition(b"\r\nFrom:")[0] + b"\r\n"
    chain = b"".join(
        b"ARC-Seal: i=%d; cv=pass; a=rsa-sha256; d=a%d.example; s=s; b=AAAA\r\n"
        b"ARC-Message-Signature: i=%d; a=rsa-sha256; d=a%d.example; s=s; h=from; bh=AAAA; b=AAAA\r\n"
        b"ARC-Authentication-Results: i=%d; x\r\n" % ((number, number) * 2 + (number,))
        for number in range(1, 51)
    )
    froms = b"".join(b"From: <a@b%d.example>\r\n" % number for number in range(100))
    liar = Liar(Found(()))
    spf, arc, dmarc, dkim = judged(liar, field * 1000 + chain + froms + MESSAGE)
    assert (spf, arc, dmarc) == ("none", "fail", "permerror")
    assert "pass" not in dkim
    assert len(liar.asked) <= answers.QUESTIONS


def test_the_document_of_a_hostile_message_is_bounded() -> None:
    field = signed(MESSAGE, RSA).partition(b"\r\nFrom:")[0].replace(b"t=1", b"i=" + b"x" * 60_000 + b"; t=1") + b"\r\n"
    forged = b"".join(b"Authentication-Results: mx.receiver.example%d (x;\r\n" % number for number in range(500))
    message = field * 60 + forged + b"From: " + b"<a@b.example>," * 10_000 + b"\r\n\r\n"
    document = documents.write(documents.evidence(message, "mx.receiver.example"))
    assert len(document) < 100_000
    assert documents.read(document).author.odd


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        "{}",
        "[]",
        "null",
        "x",
        '{"author": 1}',
        "[" * 100_000,
        "1e999",
        '{"arc": {"sets": 5}}',
    ],
)
def test_a_jail_that_talks_rubbish_is_not_believed(rubbish: str) -> None:
    fact = Fact(part=ROOT, kind=FactKind.DKIM, untrusted_value=rubbish)
    with pytest.raises(Unfinished):
        evidence_in([fact])


def test_a_jail_that_says_nothing_or_two_things_is_not_believed() -> None:
    fact = Fact(part=ROOT, kind=FactKind.DKIM, untrusted_value=documents.write(documents.evidence(MESSAGE, "mx")))
    assert evidence_in([fact]).author.address == SENDER
    for facts in ([], [fact, fact]):
        with pytest.raises(Unfinished):
            evidence_in(facts)


def test_a_document_with_a_field_of_another_type_is_not_believed() -> None:
    written = documents.write(documents.evidence(signed(MESSAGE, RSA), "mx"))
    for old, new in (
        ('"broken":""', '"broken":1'),
        ('"skipped":false', '"skipped":0'),
        ('"length":-1', '"length":"x"'),
        ('"digest":"', '"digest":"zz'),
        ('"sets":0', '"sets":3'),
        ('"draft":false,', ""),
    ):
        assert old in written
        with pytest.raises(documents.BadDocument):
            documents.read(written.replace(old, new, 1))


def test_every_finding_is_documented_and_none_is_malicious() -> None:
    names = {
        **zone(RSA),
        "sender.example": [["TXT", "v=spf1 -all"]],
        "_dmarc.sender.example": [["TXT", "v=DMARC1; p=reject"]],
    }
    two = b"From: <ceo@bank.example>\r\n" + MESSAGE
    for message in (MESSAGE, signed(MESSAGE, RSA), signed(MESSAGE, RSA) + b"x\r\n", two, b"Subject: x\r\n\r\n"):
        for sender in (SENDER, ""):
            for one in findings(authenticated(message, names, sender=sender)):
                assert one.kind in KINDS
                assert one.severity is not Severity.MALICIOUS
                assert one.evidence.isprintable()
    kinds = {one.kind for one in findings(authenticated(two, names, sender=SENDER))}
    assert {"auth.author_ambiguous", "auth.spf_fail", "auth.dmarc_fail"} <= kinds
