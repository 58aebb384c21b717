"""`mailock track` and `mailock show`, as people type them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mailock.cli.ending import AnswerIsNo, CouldNot, WrongUse
from mailock.cli.show import show
from mailock.cli.track import table, track
from mailock.core.lifecycle.apply import fold
from mailock.core.lifecycle.copies import Disposition, Sent
from mailock.core.lifecycle.events import Accepted, Event, Held
from mailock.telemetry.track import TrackLog
from tests.parts.stories import NOON, OK, attempted, deferred, delivered, judged, message, refused

Printed = Callable[[], str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder whose log holds a few messages."""
    of = message(3, to=("bob@dest.test", "carol@dest.test"), subject="red \x1b[31m alert")
    some: list[Event] = [Accepted(message=of), judged(of), attempted(of, Sent(number=0, response=OK), deferred(1))]
    held = message(4, subject="kept")
    kept: list[Event] = [
        Accepted(message=held),
        judged(held, Disposition.HOLD),
        Held(queue_id=held.queue_id, at=NOON + 5, recipients=(), by="ann", why="asked by the board"),
    ]
    log = TrackLog(tmp_path / "track.db")
    log.write([(1, delivered(1)), (2, [refused(2), refused(2, count=311)]), (3, some), (4, kept)])
    log.close()
    return tmp_path


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    """What was printed since it was asked last."""
    return lambda: capsys.readouterr().out


def test_the_newest_come_first_in_a_table(folder: Path, printed: Printed) -> None:
    track(data=folder)
    lines = printed().splitlines()
    assert [line.split()[2] for line in lines[1:]] == [
        "0000000000004",
        "0000000000003",
        "0000000000002",
        "0000000000001",
    ]
    assert "carol@dest.test +1" in lines[2]
    assert "(311 refused)" in lines[3]
    assert "\x1b" not in "".join(lines)


def test_a_query_and_options_narrow_it(folder: Path, printed: Printed) -> None:
    track(["from:alice", "carol"], status="deferred", as_json=True, data=folder)
    (shown,) = map(json.loads, printed().splitlines())
    assert (shown["id"], shown["status"], shown["recipients_number"]) == ("0000000000003", "deferred", 2)


def test_no_more_than_asked(folder: Path, printed: Printed) -> None:
    track(limit=2, as_json=True, data=folder)
    assert len(printed().splitlines()) == 2


def test_nothing_found_is_a_no(folder: Path, printed: Printed) -> None:
    with pytest.raises(AnswerIsNo, match="nothing in the log matches"):
        track(["nothing-like-it"], data=folder)
    assert printed() == ""


def test_a_bad_query_is_wrong_use(folder: Path) -> None:
    with pytest.raises(WrongUse, match="is not a status"):
        track(["status:gone"], data=folder)


def test_a_log_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CouldNot, match="there is no log"):
        track(data=tmp_path)


def test_gaps_are_told_beside(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = TrackLog(folder / "track.db")
    log.gap(at=NOON + 9, since=NOON, events=42)
    log.close()
    track(data=folder)
    assert "Beware: the log lost 42 events between" in capsys.readouterr().err
    with pytest.raises(AnswerIsNo):
        track(["until:2026-09-20"], data=folder)
    assert "Beware" not in capsys.readouterr().err


def test_a_terminal_gets_lines_that_fit() -> None:
    long = fold(delivered(1, subject="word " * 50, to=("a-very-long-mailbox-name-indeed@a-long-domain.dest.test",)))
    assert max(len(line) for line in table([long], 100)) == 100
    assert "word word word" in table([long], None)[1]


def test_the_data_folder_comes_from_the_policy_file(folder: Path, printed: Printed, tmp_path: Path) -> None:
    file = tmp_path / "mailock.toml"
    file.write_text(f'[node]\ndata = "{folder}"\n[[mta.forwarding]]\ndomain = "*"\nnext_hop = "mail.dest.test"\n')
    track(config=file)
    assert len(printed().splitlines()) == 5


def test_a_policy_file_that_is_wrong_names_the_other_way(tmp_path: Path) -> None:
    file = tmp_path / "mailock.toml"
    file.write_text("[node\n")
    with pytest.raises(WrongUse, match="give --data"):
        track(config=file)


def test_a_whole_story(folder: Path, printed: Printed) -> None:
    show("0000000000003", data=folder)
    story = printed()
    assert story.startswith("Message 0000000000003: deferred\n")
    for said in (
        "Subject       red \ufffd[31m alert",
        "Source        mx.source.test [198.51.100.7] at main, ESMTPS, TLSv1.3 TLS_AES_256_GCM_SHA384",
        "Revisions     accepted under policy revision 3, judged under 4",
        "carol@dest.test (incoming): deferred since",
        "it said     451 4.7.1 Greylisted, try again",
        "next try    2026-09-21",
        "decided     deliver by rule mta: Nothing was found.",
        "deferred     Delivered to mail.dest.test [192.0.2.25]:25",
        "             Deferred for carol@dest.test",
    ):
        assert said in story
    assert "\x1b" not in story


def test_who_holds_it_and_why(folder: Path, printed: Printed) -> None:
    show("0000000000004", data=folder)
    story = printed()
    assert "by          ann" in story
    assert "reason      asked by the board" in story


def test_a_refusal_by_its_code(folder: Path, printed: Printed) -> None:
    show("0000000000002", data=folder)
    story = printed()
    assert story.startswith("Refusal 0000000000002: rejected\n")
    assert "Refused       311 times until" in story
    assert "It was told   550 5.1.1 No such mailbox" in story


def test_a_story_as_json(folder: Path, printed: Printed) -> None:
    show("0000000000001", as_json=True, data=folder)
    shown = json.loads(printed())
    assert shown["status"] == "delivered"
    assert [line["status"] for line in shown["timeline"]] == ["new", "scan_ended", "delivered"]


def test_what_the_log_has_not(folder: Path) -> None:
    with pytest.raises(AnswerIsNo, match="the log has nothing of 0000000000009"):
        show("0000000000009", data=folder)
    with pytest.raises(WrongUse, match="is not a queue id"):
        show("hello", data=folder)
