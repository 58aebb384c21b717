"""The sums of minutes and hours: they say what the messages of the log say, however they came to be written."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path

import apsw
import pytest

from mailock.core.lifecycle.copies import Disposition
from mailock.core.lifecycle.events import Accepted, Event, Noted, Outline, Quarantined, Released, Scan
from mailock.core.lifecycle.measures import Measure
from mailock.core.lifecycle.query import parse_query
from mailock.core.lifecycle.volume import DAY as DAY_LONG
from mailock.core.lifecycle.volume import HOUR, MINUTE, Sums
from mailock.telemetry import track as track_module
from mailock.telemetry import volumes as volumes_module
from mailock.telemetry.rollup import LARGEST, sums_of
from mailock.telemetry.search import TrackReader
from mailock.telemetry.track import TrackLog
from mailock.telemetry.volumes import Cell, Frame, Series, VolumeReader, named_frame
from tests.parts.older import without_columns
from tests.parts.stories import NOON, attempted, deferred, delivered, failed, judged, message, refused

DAY = Frame(since=NOON - 86_400, until=NOON + 86_400)
WHOLE = NOON // HOUR * HOUR
"""The beginning of its hour."""
Batches = list[tuple[int, list[Event]]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log is."""
    return tmp_path / "track.db"


@pytest.fixture
def log(path: Path) -> Iterator[TrackLog]:
    """A log."""
    made = TrackLog(path)
    yield made
    made.close()


def counts(path: Path, measure: Measure, frame: Frame = DAY, system: str | None = None) -> dict[str, int]:
    """The numbers of a measure, without amounts."""
    with VolumeReader(path) as volumes:
        return {key: cell.count for key, cell in volumes.totals(measure, frame, system=system).items()}


def stored(path: Path, step: int) -> Sums:
    """What stands in the file."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    rows = connection.execute("SELECT at, measure, system, key, count, amount FROM volume WHERE step = ?", (step,))
    sums: Sums = {}
    for at, measure, system, key, number, amount in rows.fetchall():
        assert isinstance(at, int) and isinstance(number, int) and isinstance(amount, int)
        if number or amount:
            sums[at, Measure(str(measure)), str(system), str(key)] = number, amount
    connection.close()
    return sums


def recounted(path: Path) -> Sums:
    """The same, counted again from the messages."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    sums = sums_of(connection)
    connection.close()
    return sums


def scanned(event: Event, **facts: object) -> Event:
    """A judgement with an outline of what was examined."""
    outline = Outline(kind="document", attachments=1, links=2, detections=("office.macro",), unfinished=("clamav",))
    scan = Scan(confidence="high", mail_class="phishing", score=7.0, document=b"", outline=outline)
    return type(event)(**{name: getattr(event, name) for name in event.__slots__} | {"scan": scan} | facts)


def lives(seed: int, messages: int) -> Batches:
    """Messages of every fate, their events mixed as they are when many are under way; each has a batch of its own."""
    dice = random.Random(seed)
    stories: list[list[Event]] = []
    for n in range(1, messages + 1):
        of = message(
            n,
            to=[f"{dice.choice('abc')}{i}@dest.test" for i in range(dice.randint(1, 3))],
            sender=dice.choice([None, "alice@source.test", "b\udcffb@source.test", "carol@elsewhere.test"]),
            at=NOON + dice.random() * 9000,
            size=dice.choice([100, 5000, 2_000_000]),
            system=dice.choice(["default", "berlin"]),
        )
        first = scanned(judged(of, verdict=dice.choice(["benign", "suspicious"])))
        ends: list[list[Event]] = [
            [attempted(of)],
            [attempted(of, deferred(0)), attempted(of, failed(0), after=dice.random() * 5000)],
            [Quarantined(queue_id=of.queue_id, at=of.accepted_at + 5, recipients=(), quarantine_class="late", why="x")],
            [
                Released(queue_id=of.queue_id, at=of.accepted_at + 9, recipients=(0,), by="root"),
                judged(of),
                attempted(of),
            ],
            [],
        ]
        stories.append([Accepted(message=of), first, *dice.choice(ends)])
    stories += [[refused(messages + 1), refused(messages + 1, count=17)]]
    # One of which the beginning was lost.
    lost = message(messages + 2)
    stories += [[Noted(queue_id=lost.queue_id, at=NOON + 1, text="a retry"), judged(lost), attempted(lost, after=70.0)]]
    batches: Batches = []
    while stories:
        story = dice.choice(stories)
        batches.append((len(batches) + 1, [story.pop(0)]))
        stories = [one for one in stories if one]
    return batches


@pytest.mark.parametrize("seed", [1, 2])
def test_a_recount_of_the_messages_gives_the_same_sums(
    path: Path, log: TrackLog, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(track_module, "_AT_HAND", 20)
    batches = lives(seed, 120)
    at = 0
    dice = random.Random(seed)
    while at < len(batches):
        step = dice.randint(1, 60)
        log.write(batches[at : at + step])
        if dice.random() < 0.2:
            # What was written comes again, as after a crash before the outbox forgot it.
            log.close()
            log.write(batches[max(0, at - 30) : at + step])
        at += step
    minutes = stored(path, MINUTE)
    assert minutes == recounted(path)
    assert len(minutes) > 300
    hours: Counter[tuple[int, str, str, str]] = Counter()
    for (moment, *rest), (number, _) in minutes.items():
        hours[moment // HOUR * HOUR, rest[0], rest[1], rest[2]] += number
    assert {key: number for key, number in hours.items() if number} == {
        key: number for key, (number, _) in stored(path, HOUR).items() if number
    }


def test_the_sums_of_statuses_are_those_of_the_messages_that_a_search_finds(path: Path, log: TrackLog) -> None:
    log.write(lives(3, 60))
    with TrackReader(path) as reader:
        found = Counter(one.status.value for one in reader.find(parse_query("", now=NOON), limit=1000))
    found["rejected"] += 16
    assert counts(path, Measure.STATUS) == dict(found)


def test_a_message_moves_from_status_to_status_in_the_minute_in_which_it_arrived(path: Path, log: TrackLog) -> None:
    of = message(1, at=NOON)
    log.write([(1, [Accepted(message=of), judged(of), attempted(of, deferred(0))])])
    assert counts(path, Measure.STATUS) == {"deferred": 1}
    log.write([(2, [attempted(of, after=7200.0)])])
    hour = Frame(since=NOON - 60, until=NOON + 60)
    assert counts(path, Measure.STATUS, hour) == {"delivered": 1}
    assert counts(path, Measure.HOP, hour) == {}
    assert counts(path, Measure.HOP) == {"mail.dest.test": 1}
    assert counts(path, Measure.DELAY) == {"4 h": 1}
    assert counts(path, Measure.DEFERRED) == {"451 4.7.1": 1}


def test_what_was_examined_is_summed_by_what_it_is_and_what_was_found(path: Path, log: TrackLog) -> None:
    of = message(1)
    log.write([(1, [Accepted(message=of), scanned(judged(of, Disposition.QUARANTINE, verdict="malicious"))])])
    assert counts(path, Measure.CONTENT) == {"document": 1}
    assert counts(path, Measure.DETECTION) == {"office.macro": 1}
    assert counts(path, Measure.UNFINISHED) == {"clamav": 1}
    assert counts(path, Measure.CLASS) == {"phishing": 1}
    assert counts(path, Measure.VERDICT) == {"malicious": 1}
    assert counts(path, Measure.QUARANTINED) == {"malware": 1}


def test_each_virtual_system_has_sums_of_its_own(path: Path, log: TrackLog) -> None:
    log.write([(1, delivered(1, system="berlin")), (2, delivered(2)), (3, delivered(3))])
    assert counts(path, Measure.STATUS, system="berlin") == {"delivered": 1}
    assert counts(path, Measure.STATUS) == {"delivered": 3}
    with VolumeReader(path) as volumes:
        assert volumes.systems() == ["berlin", "default"]


def test_a_series_has_a_point_for_every_step_of_its_frame(path: Path, log: TrackLog) -> None:
    log.write([(n, delivered(n, at=NOON + n * 60, size=1000)) for n in range(1, 31)])
    frame = Frame(since=NOON, until=NOON + 3600)
    with VolumeReader(path) as volumes:
        minutes = volumes.series(Measure.STATUS, frame)
        tens = volumes.series(Measure.STATUS, frame, step=600)
        hours = volumes.series(Measure.STATUS, Frame(since=NOON - 2 * 86_400, until=NOON + 86_400), step=HOUR)
        with pytest.raises(ValueError, match="not for 7"):
            volumes.series(Measure.STATUS, frame, step=7)
    assert (minutes.step, minutes.start) == (60, int(NOON) // 60 * 60)
    assert sum(cell.count for cell in minutes.points["delivered"]) == 30
    assert sum(1 for cell in minutes.points["delivered"] if cell.count) == 30
    assert [cell.count for cell in tens.points["delivered"]][:4] == _by(600, frame, range(1, 31))[:4]
    assert sum(cell.amount for cell in hours.points["delivered"]) == 30_000


def _by(step: int, frame: Frame, minutes: Sequence[int]) -> list[int]:
    start = int(frame.since) // step * step
    places = Counter((int(NOON + n * 60) - start) // step for n in minutes)
    return [places[n] for n in range(8)]


def test_a_frame_is_exact_to_the_minute_while_minutes_are_kept(path: Path, log: TrackLog) -> None:
    start = int(NOON) // HOUR * HOUR
    log.write([(n, delivered(n, at=float(start + n * 60))) for n in range(1, 181)])
    for since, until in ((5, 170), (61, 119), (60, 120), (0, 200), (70, 71)):
        frame = Frame(since=start + since * 60, until=start + until * 60)
        assert counts(path, Measure.STATUS, frame).get("delivered", 0) == min(until, 181) - max(since, 1)


def test_the_largest_senders_are_kept_and_the_others_are_summed(path: Path, log: TrackLog) -> None:
    many = LARGEST[MINUTE] + 50
    batches: Batches = [(n, delivered(n, sender=f"s{n}@source.test")) for n in range(1, many + 1)]
    batches += [(many + n, delivered(many + n, sender="loud@source.test")) for n in range(1, 4)]
    log.write(batches)
    while log.tidy(NOON + 1200):
        pass
    with VolumeReader(path) as volumes:
        top = volumes.top(Measure.SENDER, Frame(since=NOON - 60, until=NOON + 60), limit=2)
        kept = volumes.totals(Measure.SENDER, Frame(since=NOON - 60, until=NOON + 60))
    assert top.largest[0] == ("loud@source.test", Cell(count=3, amount=3 * 4321))
    assert top.whole.count == many + 3
    assert top.others.count == many + 3 - 3 - 1
    assert len(kept) == LARGEST[MINUTE] + 1


def test_minutes_are_forgotten_after_two_days_and_hours_with_the_log(path: Path) -> None:
    log = TrackLog(path, keep_seconds=10 * 86_400)
    log.write([(1, delivered(1))])
    while log.tidy(NOON + 3 * 86_400):
        pass
    assert stored(path, MINUTE) == {}
    assert counts(path, Measure.STATUS) == {"delivered": 1}
    with VolumeReader(path) as volumes:
        assert volumes.series(Measure.STATUS, Frame(since=NOON, until=NOON + 600)).step == HOUR
    while log.tidy(NOON + 11 * 86_400):
        pass
    assert stored(path, HOUR) == {}
    log.close()


def test_frames_have_names(path: Path) -> None:
    assert named_frame("hour", NOON).since == NOON - 3600
    today = named_frame("today", NOON, UTC)
    assert today.since % 86_400 == 0
    assert today.since <= NOON < today.since + 86_400
    with pytest.raises(ValueError, match="not 'year'"):
        named_frame("year", NOON)
    with pytest.raises(OSError, match="there is no log"):
        VolumeReader(path)


def test_a_log_that_fails_in_the_middle_of_a_write_counts_nothing_of_it(path: Path, log: TrackLog) -> None:
    log.write([(1, [Accepted(message=message(1))])])
    broken = Accepted(message=message(2, size=1 << 80))
    with pytest.raises((OSError, OverflowError)):
        log.write([(2, [judged(message(1)), broken])])
    log.write([(2, [judged(message(1))])])
    assert stored(path, MINUTE) == recounted(path)
    assert counts(path, Measure.STATUS) == {"scan_ended": 1}


def coarser(sums: Sums, step: int) -> Sums:
    """The same sums, of longer steps."""
    added: Sums = {}
    for (at, measure, system, key), (number, amount) in sums.items():
        place = at // step * step, measure, system, key
        before = added.get(place, (0, 0))
        added[place] = before[0] + number, before[1] + amount
    return {place: one for place, one in added.items() if one != (0, 0)}


def summed(series: Series) -> dict[str, Cell]:
    """All points of each key together."""
    return {
        key: Cell(count=sum(one.count for one in row), amount=sum(one.amount for one in row))
        for key, row in series.points.items()
    }


def over_days(path: Path) -> TrackLog:
    """A log of twelve days, a message every two hours, of which every day is over and added up."""
    log = TrackLog(path)
    log.write([(n + 1, delivered(n + 1, at=WHOLE + n * 7200, size=100 + n)) for n in range(144)])
    while log.tidy(NOON + 20 * DAY_LONG):
        pass
    return log


def test_days_are_what_their_hours_add_up_to_also_after_late_news_of_them(path: Path) -> None:
    log = over_days(path)
    assert len({at for at, *_ in stored(path, DAY_LONG)}) == 13
    of = message(5001, at=NOON + 5 * DAY_LONG)
    late: list[tuple[int, list[Event]]] = [
        (200, [Accepted(message=of), judged(of)]),
        (201, [attempted(of, after=5.0 * DAY_LONG)]),
    ]
    for sequence, events in late:
        log.write([(sequence, events)])
        assert coarser(recounted(path), DAY_LONG) == coarser(stored(path, HOUR), DAY_LONG) == stored(path, DAY_LONG)
    log.close()


@pytest.mark.parametrize(("since", "until"), [(0, 240), (-30, 400), (7, 78), (7, 80), (-12, 60), (12, 84), (100, 101)])
def test_a_frame_says_the_same_from_days_as_from_hours(
    path: Path, monkeypatch: pytest.MonkeyPatch, since: int, until: int
) -> None:
    over_days(path).close()
    frame = Frame(since=WHOLE + since * 3600, until=WHOLE + until * 3600)
    with VolumeReader(path) as volumes:
        told = [volumes.totals(measure, frame) for measure in (Measure.STATUS, Measure.SENDER, Measure.DELAY)]
        days = volumes.series(Measure.STATUS, frame, step=DAY_LONG)
        monkeypatch.setattr(volumes_module, "_LONG", 1 << 40)
        assert told == [volumes.totals(measure, frame) for measure in (Measure.STATUS, Measure.SENDER, Measure.DELAY)]
        assert days == volumes.series(Measure.STATUS, frame, step=DAY_LONG)
    assert told[0]["delivered"].count == sum(since <= n * 2 < until for n in range(144))
    assert summed(days)["delivered"].count >= told[0]["delivered"].count


def test_a_file_from_before_there_were_days_is_added_up_behind_its_readers(path: Path) -> None:
    over_days(path).close()
    whole, before = Frame(since=NOON - DAY_LONG, until=NOON + 20 * DAY_LONG), stored(path, DAY_LONG)
    told = counts(path, Measure.STATUS, whole)
    db = apsw.Connection(str(path))
    db.execute("DELETE FROM volume WHERE step = ?", (DAY_LONG,))
    db.execute("DELETE FROM meta WHERE name = 'days'")
    without_columns(db)
    db.pragma("user_version", 4)
    db.close()
    assert counts(path, Measure.STATUS, whole) == told
    log = TrackLog(path)
    passes = 1
    while log.tidy(NOON + 20 * DAY_LONG):
        # Half of it made: readers take hours for the rest.
        assert counts(path, Measure.STATUS, whole) == told
        passes += 1
    log.close()
    assert passes > 12
    assert stored(path, DAY_LONG) == before


def test_of_a_day_the_largest_names_are_told_apart_and_the_whole_is_exact(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LARGEST, DAY_LONG, 5)
    log = TrackLog(path)
    senders = [f"s{n % 40 if n % 3 else 0}@source.test" for n in range(144)]
    log.write([(n + 1, delivered(n + 1, at=NOON + n * 1800, sender=one)) for n, one in enumerate(senders)])
    while log.tidy(NOON + 20 * DAY_LONG):
        pass
    log.close()
    with VolumeReader(path) as volumes:
        top = volumes.top(Measure.SENDER, Frame(since=NOON - DAY_LONG, until=NOON + 9 * DAY_LONG), limit=1)
    assert top.whole.count == 144
    assert top.largest[0][0] == "s0@source.test" and top.largest[0][1].count == senders.count("s0@source.test")
    for day in {at for at, *_ in stored(path, DAY_LONG)}:
        assert sum(at == day and measure == "sender" for at, measure, *_ in stored(path, DAY_LONG)) <= 6
