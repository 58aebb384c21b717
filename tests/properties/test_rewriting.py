"""Whatever the message is and whatever is ordered: what is not named stays, and nothing is smuggled in."""

import random
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mailock.core.mime.parse import parse
from mailock.core.mime.part import PartPath
from mailock.core.rewriting.carry import Remade, Unfit, carry_out
from mailock.core.rewriting.edits import (
    AddText,
    Edit,
    Place,
    PrefixSubject,
    RemoveHeader,
    ReplaceLink,
    SetHeader,
    StripPart,
)
from mailock.core.rewriting.orders import Orders, Sealed
from mailock.core.rewriting.receipt import read_receipt, write_receipt
from tests.parts.size import sized
from tests.properties.mime_pieces import PIECES
from tests.properties.rewritten import check, defects, no_field_was_smuggled, reads_elsewhere, shape

MAILS = st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join)
TEXTS = st.one_of(
    st.text(max_size=60), st.sampled_from(["--a", "--ab--", "=41", ".", "From x", "</body>", "\r\nBcc: x"])
)
HTTP = "http://bad.example/x"


def edits_on(paths: list[str]) -> st.SearchStrategy[Edit]:
    """Any edit, most of them on parts that are there."""
    parts = st.sampled_from([*paths, "1.1", "1.2/zip:1"]).map(PartPath)
    names = st.sampled_from(["X-V", "Subject", "To", "received"])
    return st.one_of(
        st.builds(StripPart, part=parts, text=TEXTS, name=TEXTS),
        st.builds(
            ReplaceLink,
            part=parts,
            untrusted_raw=st.sampled_from([HTTP, "x", "a", "=", "begin"]),
            replacement=TEXTS,
            clickable=st.booleans(),
        ),
        st.builds(PrefixSubject, text=TEXTS),
        st.builds(SetHeader, name=names, value=TEXTS),
        st.builds(RemoveHeader, name=names, beginning=st.sampled_from(["", "x"])),
        st.builds(AddText, text=TEXTS, place=st.sampled_from(Place), once_per_thread=st.booleans()),
    )


@given(st.data(), MAILS, st.sampled_from(Sealed))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_the_laws_hold_for_any_octets_and_any_edits(data: st.DataObject, mail: bytes, sealed: Sealed) -> None:
    anatomy = parse(mail)
    edits = tuple(data.draw(st.lists(edits_on([p.path for p in anatomy.parts]), min_size=1, max_size=4)))
    outcome = carry_out(mail, anatomy, Orders(edits=edits, sealed=sealed))
    if isinstance(outcome, Remade):
        assert read_receipt(write_receipt(outcome.receipt)) == outcome.receipt
        assert no_field_was_smuggled(mail, outcome, edits)
    # Python's own reader has a say in the jail (stations.remake.inside); here only its view of what was well is held.
    if isinstance(outcome, Unfit) or not defects(mail):
        assert check(mail, anatomy, outcome) or isinstance(outcome, Unfit)


@given(st.text(min_size=1, max_size=200), TEXTS, st.sampled_from(Place), st.sampled_from(["plain", "html"]))
def test_letters_come_through_whatever_the_charset(text: str, added: str, place: Place, kind: str) -> None:
    message = EmailMessage()
    message["Subject"] = "x"
    clean = "".join(c for c in text if c.isprintable() or c == "\n") or "x"
    message.set_content(clean, subtype=kind)
    mail = message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    outcome = carry_out(mail, parse(mail), Orders(edits=(AddText(text=added, place=place),)))
    assert isinstance(outcome, Remade) and outcome.content is not None
    made = message_from_bytes(outcome.content)
    charset = made.get_content_charset("ascii")
    payload = made.get_payload(decode=True)
    assert isinstance(payload, bytes)
    before = message_from_bytes(mail).get_payload(decode=True)
    assert isinstance(before, bytes)
    now = payload.decode(charset)
    was = before.decode(message_from_bytes(mail).get_content_charset("ascii"))
    if kind == "html":
        start, end = now.index("\r\n<div>"), now.rindex("</div>\r\n") + len("</div>\r\n")
        assert now[:start] + now[end:] == was
    else:
        assert was.rstrip("\r\n") in now
        ours = [line.rstrip(" ") for line in added.splitlines() if line.isprintable()]
        assert all(line in now for line in ours)


@given(st.text(max_size=80), st.text(min_size=1, max_size=40))
@example("=?utf-8?q?x?=", "ä")
@example("", "ä" * 40)
def test_a_subject_reads_as_prefix_and_subject(said: str, prefix: str) -> None:
    clean = "".join(c for c in said if c.isprintable() and ord(c) < 0xD800).strip()
    mail = EmailMessage()
    mail["Subject"] = clean
    octets = mail.as_bytes().replace(b"\n", b"\r\n") + b"body\r\n"
    outcome = carry_out(octets, parse(octets), Orders(edits=(PrefixSubject(text=prefix),)))
    assert isinstance(outcome, Remade)
    made = message_from_bytes(outcome.fields + (octets if outcome.content is None else outcome.content))
    assert made.keys() == ["Subject"]
    assert "\n" not in str(make_header(decode_header(made["Subject"]))).replace("\r\n ", "")


def test_real_mail_is_changed_without_new_defects(test_data: Callable[[str], Path]) -> None:
    data = test_data("spamassassin-npm") / "data"
    files = [f for name in ("easy-ham-1", "easy-ham-2", "hard-ham-1") for f in sorted((data / name).iterdir())]
    chance = random.Random(4150)
    chosen = chance.sample(files, sized(len(files)))
    unfit: Counter[str] = Counter()
    worse = 0
    for file in chosen:
        mail = file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        # The separator of mbox files is no part of the mail.
        mail = mail.split(b"\r\n", 1)[1] if mail.startswith(b"From ") else mail
        anatomy = parse(mail)
        part = chance.choice(anatomy.parts).path
        edits: tuple[Edit, ...] = (
            StripPart(part=part, text="Entfernt – removed.\n-- \nx", name="entfernt.txt"),
            PrefixSubject(text="[SPÄM]"),
            AddText(text="Banner – €", place=Place.TOP),
            AddText(text="-- \nSignature", place=Place.BOTTOM),
            SetHeader(name="X-Mailock-Verdict", value="malicious; confidence=high"),
        )
        outcome = carry_out(mail, anatomy, Orders(edits=edits, sealed=Sealed.UNFIT))
        assert check(mail, anatomy, outcome) or isinstance(outcome, Unfit)
        if isinstance(outcome, Unfit):
            unfit[outcome.why.partition(" is ")[2] or outcome.why] += 1
            continue
        assert outcome.content is not None
        assert no_field_was_smuggled(mail, outcome, edits)
        assert len(shape(outcome.content)) <= len(shape(mail)) + 1
        worse += reads_elsewhere(mail) and not reads_elsewhere(outcome.fields + outcome.content)
    assert worse == 0
    assert set(unfit) <= {"signed or encrypted, and may not be changed"}, unfit
    assert sum(unfit.values()) <= len(chosen) // 10
