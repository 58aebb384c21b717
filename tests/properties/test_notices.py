"""Whatever strangers put into an envelope or a reply, our own mail stays one well-formed message of CRLF lines."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from hypothesis import given
from hypothesis import strategies as st

from mailock.core.lifecycle.copies import Hop, Response
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType, Direction, Envelope, Notify, Recipient, Ret
from mailock.core.mail.message import BodyRef, Glimpse, Message, QueueId
from mailock.core.mail.origin import Origin, Tls
from mailock.core.mime.compose import crlf, field, quoted_printable
from mailock.core.notices.compose import Letterhead, Written
from mailock.core.notices.dsn import write_dsn
from mailock.core.notices.notice import write_notice
from mailock.core.notices.received import received
from mailock.core.notices.report import Kind, Nobody, Report, Told, ToldBriefly, Trust, Undeliverable, who_is_told

# Text that tries to break out: line ends of every kind, delimiters, and surrogates besides all of Unicode.
NASTY = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from(
            ["\r\n", "\n", "\r", "\r\n\r\n", "--b", "\x00", "\x85", "\u2028", "\ud800", "=?utf-8?q?x?=", " " * 90]
        ),
        st.text("x", min_size=0, max_size=1200),
    ),
    max_size=6,
).map("".join)
SECONDS = st.floats(min_value=0, max_value=4e9)
ADDRESSES = st.builds(Address, NASTY, st.one_of(st.just("dest.example"), NASTY))
ASCII_ADDRESSES = st.builds(
    Address, st.text(st.characters(max_codepoint=126), min_size=1, max_size=64), st.just("d.example")
)
RESPONSES = st.builds(
    Response,
    code=st.one_of(st.just(0), st.integers(200, 599)),
    enhanced=st.sampled_from(["", "5.1.1", "4.4.1", "2.0.0", "5.7.1"]),
    text=NASTY,
)
RECIPIENTS = st.builds(
    Recipient,
    ADDRESSES,
    st.sampled_from(Direction),
    st.frozensets(st.sampled_from([Notify.SUCCESS, Notify.FAILURE, Notify.DELAY])),
    st.one_of(st.none(), NASTY),
)
REPORTS = st.builds(
    Report,
    recipient=RECIPIENTS,
    kind=st.sampled_from(Kind),
    response=RESPONSES,
    hop=st.one_of(st.none(), st.builds(Hop, name=NASTY, ip=st.sampled_from(["", "192.0.2.1"]))),
    tried_at=st.one_of(st.none(), SECONDS),
    retry_until=st.one_of(st.none(), SECONDS),
)
ORIGINS = st.builds(
    Origin,
    ip=st.sampled_from(["192.0.2.1", "2001:db8::1"]),
    port=st.just(1),
    untrusted_helo=NASTY,
    protocol=st.just("ESMTP"),
    listener=st.just("smtp"),
    internal=st.booleans(),
    tls=st.one_of(st.none(), st.builds(Tls, version=NASTY, cipher=NASTY)),
)


def messages(senders: st.SearchStrategy[Address | None]) -> st.SearchStrategy[Message]:
    return st.builds(
        Message,
        queue_id=st.integers(0, 2**63 - 1).map(QueueId),
        session_id=st.just("s"),
        ordinal=st.just(1),
        virtual_system=st.just("default"),
        node=st.just("n"),
        origin=ORIGINS,
        envelope=st.builds(
            Envelope,
            sender=senders,
            recipients=st.just(()),
            smtputf8=st.booleans(),
            ret=st.one_of(st.none(), st.sampled_from(Ret)),
            envid=st.one_of(st.none(), NASTY),
        ),
        body=st.just(BodyRef(1, "", 1, True)),
        trace=st.just(b""),
        glimpse=st.builds(Glimpse, message_id=NASTY),
        accepted_at=SECONDS,
        revision=st.just(1),
        own=st.sampled_from([None, None, "dsn"]),
    )


def letterheads(addresses: st.SearchStrategy[Address]) -> st.SearchStrategy[Letterhead]:
    return st.builds(
        Letterhead,
        hostname=st.just("mx1.ours.example"),
        from_=addresses,
        at=SECONDS,
        message_id=st.just("1@mx1.ours.example"),
        boundary=st.sampled_from(["b", "b0undary"]),
    )


def check_form(written: Written) -> None:
    """CRLF lines of legal length, declared as what they are."""
    content = written.content
    assert content.count(b"\r") == content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\0" not in content
    assert content.isascii() or written.body_type is BodyType.EIGHT_BIT


@given(
    message=messages(ADDRESSES),
    reports=st.lists(REPORTS, min_size=1, max_size=4),
    letterhead=letterheads(ADDRESSES),
    header=st.one_of(st.binary(max_size=300), NASTY.map(lambda text: text.encode("utf-8", "replace"))),
    whole=st.one_of(st.none(), st.binary(max_size=300), NASTY.map(lambda text: text.encode("utf-8", "replace"))),
)
def test_any_envelope_gives_a_well_formed_notice(
    message: Message, reports: list[Report], letterhead: Letterhead, header: bytes, whole: bytes | None
) -> None:
    written = write_dsn(message, reports, letterhead, header=header, whole=whole)
    check_form(written)
    assert written == write_dsn(message, reports, letterhead, header=header, whole=whole)
    top = written.content.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in top.split(b"\r\n") if not line.startswith(b" ")]
    assert [name for name in names if name not in (b"In-Reply-To", b"References")] == [
        b"Date",
        b"From",
        b"To",
        b"Subject",
        b"Message-ID",
        b"Auto-Submitted",
        b"MIME-Version",
        b"Content-Type",
    ]  # fmt: skip (one name a line says no more)


@given(
    message=messages(ASCII_ADDRESSES),
    reports=st.lists(REPORTS, min_size=1, max_size=4),
    letterhead=letterheads(st.just(Address("postmaster", "ours.example"))),
    header=st.binary(max_size=300),
)
def test_an_independent_reader_finds_three_parts_and_one_group_a_recipient(
    message: Message, reports: list[Report], letterhead: Letterhead, header: bytes
) -> None:
    written = write_dsn(message, reports, letterhead, header=header)
    assert written.body_type is BodyType.SEVEN_BIT
    found = message_from_bytes(written.content, _class=EmailMessage, policy=SMTP)
    assert not found.defects
    text, status, original = found.iter_parts()
    assert not text.defects
    assert text.get_content_type() == "text/plain"
    assert original.get_content_type() in ("text/rfc822-headers", "message/global-headers")
    if status.get_content_type() == "message/delivery-status":
        groups = list(status.iter_parts())
        assert not any(group.defects for group in groups)
        assert [str(group["Action"]) for group in groups[1:]] == [report.kind.value for report in reports]
    else:
        # With an address that is not ASCII; this parser cannot read Base64 there.
        assert status["Content-Transfer-Encoding"] == "base64"


@given(to=st.lists(ADDRESSES, min_size=1, max_size=3), subject=NASTY, text=NASTY, letterhead=letterheads(ADDRESSES))
def test_any_words_give_a_well_formed_notice(
    to: list[Address], subject: str, text: str, letterhead: Letterhead
) -> None:
    written = write_notice(letterhead, to=to, subject=subject, text=text)
    check_form(written)
    assert written.content.partition(b"\r\n\r\n")[0].count(b"\r\nSubject:") == 1


@given(origin=ORIGINS, recipient=st.one_of(st.none(), ADDRESSES), at=SECONDS)
def test_any_client_leaves_one_trace_field(origin: Origin, recipient: Address | None, at: float) -> None:
    trace = received(origin, by="mx1.ours.example", shown_id="0", recipient=recipient, at=at)
    assert trace.startswith(b"Received: from ")
    assert trace.endswith(b"\r\n")
    lines = trace[:-2].split(b"\r\n")
    assert all(line.startswith(b"\t") and line.strip() for line in lines[1:])
    assert trace.count(b"\r") == trace.count(b"\n") == trace.count(b"\r\n")
    assert (b"for <" in trace.replace(origin.untrusted_helo.encode("utf-8", "replace"), b"")) or recipient is None


@given(name=st.just("X-Field"), value=NASTY, utf8=st.booleans())
def test_any_value_stays_in_its_field(name: str, value: str, utf8: bool) -> None:
    written = field(name, value, utf8=utf8)
    lines = written[:-2].split(b"\r\n")
    assert written.endswith(b"\r\n")
    assert all(line.startswith(b" ") and line.strip() for line in lines[1:])
    assert all(len(line) <= 998 for line in lines)
    assert utf8 or written.isascii()


@given(st.binary(max_size=400).map(crlf))
def test_quoted_printable_loses_nothing(content: bytes) -> None:
    coded = quoted_printable(content)
    lines = coded.split(b"\r\n")
    assert max(map(len, lines)) <= 76
    soft = b"".join(line[:-1] if line.endswith(b"=") else line + b"\r\n" for line in lines)[:-2]
    out, rest = b"", soft
    while rest:
        plain, mark, rest = rest.partition(b"=")
        out += plain + (bytes.fromhex(rest[:2].decode("ascii")) if mark else b"")
        rest = rest[2:]
    assert out == content


@given(
    message=messages(st.one_of(st.none(), ASCII_ADDRESSES)),
    recipient=RECIPIENTS,
    kind=st.sampled_from(Kind),
    trust=st.sampled_from(Trust),
    incriminated=st.booleans(),
    monitoring=st.booleans(),
)
def test_a_notice_goes_only_where_every_condition_holds(
    message: Message, recipient: Recipient, kind: Kind, trust: Trust, incriminated: bool, monitoring: bool
) -> None:
    answer = who_is_told(message, recipient, kind, trust=trust, incriminated=incriminated, monitoring=monitoring)
    if isinstance(answer, Told | ToldBriefly):
        assert message.envelope.sender is not None
        assert message.own is None
        assert not monitoring
        assert recipient.wants(kind.notify)
        assert trust is not Trust.FORGED
        assert trust is not Trust.UNKNOWN or isinstance(answer, ToldBriefly)
        assert trust is Trust.OURS or not incriminated
        if isinstance(answer, ToldBriefly):
            assert isinstance(answer.otherwise, Undeliverable if kind is Kind.FAILED else Nobody)
    else:
        assert isinstance(answer, Nobody | Undeliverable)
        assert answer.why
        assert isinstance(answer, Nobody) or kind is Kind.FAILED
