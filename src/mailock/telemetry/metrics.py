"""Numbers for those who watch: counters, gauges and histograms, and the text in which Prometheus reads them.

Counting costs an addition. A number with labels is asked for once, by the one who counts, and kept by him. Each
number is changed by one thread only. What there is stands in `Metrics`, and in docs/log.md.

The text is the exposition format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeVar

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
"""Upper bounds of the buckets of times."""


class Counter:
    """A number that only grows."""

    __slots__ = ("value",)
    kind: Final = "counter"

    def __init__(self) -> None:
        self.value = 0

    def add(self, count: int = 1) -> None:
        """Counts."""
        self.value += count

    def samples(self) -> Iterator[tuple[str, str, float]]:
        """What is written: the name's ending, one label more, the number."""
        yield "", "", self.value


class Gauge:
    """A number that goes up and down. `read` gives it where it is asked for only when somebody looks."""

    __slots__ = ("read", "value")
    kind: Final = "gauge"

    def __init__(self) -> None:
        self.value = 0.0
        self.read: Callable[[], float] | None = None

    def set(self, value: float) -> None:
        """Puts it to a value."""
        self.value = value

    def samples(self) -> Iterator[tuple[str, str, float]]:
        """What is written."""
        yield "", "", self.value if self.read is None else self.read()


class Histogram:
    """How often what took how many seconds."""

    __slots__ = ("counts", "total")
    kind: Final = "histogram"

    def __init__(self) -> None:
        self.counts = [0] * (len(SECONDS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """Counts one."""
        self.counts[bisect_left(SECONDS, seconds)] += 1
        self.total += seconds

    def samples(self) -> Iterator[tuple[str, str, float]]:
        """What is written: each bucket holds all that took no longer."""
        below = 0
        for bound, count in zip((*map(str, SECONDS), "+Inf"), self.counts, strict=True):
            below += count
            yield "_bucket", f'le="{bound}"', below
        yield "_sum", "", self.total
        yield "_count", "", below


N = TypeVar("N", bound=Counter | Gauge | Histogram)


class Family(Generic[N]):
    """Numbers of one name that differ in their labels."""

    def __init__(self, make: type[N], name: str, means: str, labels: tuple[str, ...] = ()) -> None:
        """`name` without the prefix `mailock_`; `means` is the sentence that explains it."""
        self.name = f"mailock_{name}"
        self.means = means
        self.labels = labels
        self._make = make
        self._numbers: dict[tuple[str, ...], N] = {}

    @property
    def kind(self) -> str:
        """Counter, gauge or histogram."""
        return self._make.kind

    def of(self, *values: str) -> N:
        """The number with these values of the labels; made when it is first asked for."""
        number = self._numbers.get(values)
        if number is None:
            if len(values) != len(self.labels):
                raise ValueError(f"{self.name} has the labels {self.labels}, not {values}")
            number = self._numbers[values] = self._make()
        return number

    def lines(self) -> Iterator[str]:
        """The family as Prometheus reads it."""
        yield f"# HELP {self.name} {self.means}"
        yield f"# TYPE {self.name} {self.kind}"
        for values, number in sorted(self._numbers.items()):
            labels = [f'{label}="{_escaped(value)}"' for label, value in zip(self.labels, values, strict=True)]
            for ending, more, value in number.samples():
                every = ",".join([*labels, more] if more else labels)
                yield f"{self.name}{ending}{f'{{{every}}}' if every else ''} {_number(value)}"


class Metrics:
    """Every number that Mailock gives."""

    def __init__(self) -> None:
        self.accepted = Family(Counter, "messages_accepted_total", "Messages that we took custody of.", ("direction",))
        self.recipients = Family(
            Counter, "recipients_accepted_total", "Recipients of the messages that we took custody of."
        )
        self.bytes_in = Family(Counter, "message_bytes_total", "Octets of the messages that we took custody of.")
        self.refused = Family(Counter, "refusals_total", "Commands that were refused before custody.", ("code",))
        self.verdicts = Family(Counter, "verdicts_total", "Messages that were judged, by verdict.", ("verdict",))
        self.decisions = Family(
            Counter, "decisions_total", "Recipients that were decided on, by disposition.", ("disposition",)
        )
        self.outcomes = Family(
            Counter, "delivery_outcomes_total", "Outcomes of tries at next hops, by recipient.", ("outcome",)
        )
        self.endings = Family(
            Counter,
            "endings_total",
            "Recipients that were quarantined, held, released, returned or discarded after judging.",
            ("what",),
        )
        self.examine_seconds = Family(Histogram, "examine_seconds", "How long messages were examined and judged.")
        self.deliver_seconds = Family(Histogram, "deliver_seconds", "How long tries at next hops took.")
        self.messages = Family(Gauge, "queue_messages", "Messages in the queue, by stage.", ("stage",))
        self.copies = Family(Gauge, "queue_copies", "Copies of messages in the queue, by stage.", ("stage",))
        self.pending = Family(Gauge, "queue_pending_deliveries", "Deliveries that wait to be made.")
        self.deferred = Family(Gauge, "queue_deferred_deliveries", "Pending deliveries that were tried before.")
        self.oldest = Family(Gauge, "queue_oldest_seconds", "Age of the oldest message that nobody keeps back.")
        self.engine_seconds = Family(
            Histogram, "engine_seconds", "How long an engine took for all parts of a message.", ("engine",)
        )
        self.engine_incomplete = Family(
            Counter,
            "engine_incomplete_total",
            "Messages of which an engine could not look at everything, by the first reason.",
            ("engine", "why"),
        )
        self.engine_up = Family(
            Gauge, "engine_up", "Whether an engine outside of the jail answered when it was last asked.", ("engine",)
        )
        self.shunted = Family(Counter, "shunted_total", "Messages that were set aside because Mailock failed on them.")
        self.jail_jobs = Family(Counter, "jail_jobs_total", "Jobs in the jail, by how they ended.", ("task", "end"))
        self.jail_seconds = Family(Histogram, "jail_seconds", "How long jobs waited for the jail and took.", ("task",))
        self.sessions = Family(Gauge, "sessions", "Connections of those who bring mail.")
        self.connections_out = Family(Gauge, "connections_out", "Connections to next hops.")
        self.open = Family(Gauge, "open", "Whether mail is taken: 0 while drained, disabled or full.")
        self.log_lost = Family(
            Gauge, "log_lost_events", "Events that the log lost while it was broken, as far back as it goes."
        )
        self.storage = Family(Gauge, "storage_bytes", "Octets that the queue and its bodies take.")

    def families(self) -> list[Family[Counter] | Family[Gauge] | Family[Histogram]]:
        """All of them, by name."""
        return sorted((family for family in vars(self).values()), key=lambda family: str(family.name))

    def render(self) -> str:
        """All numbers in the text that Prometheus reads (`CONTENT_TYPE`)."""
        return "".join(f"{line}\n" for family in self.families() for line in family.lines())


def table() -> str:
    """Every number in a table, for docs/log.md."""
    rows = ["| name | means |", "|---|---|"]
    for family in Metrics().families():
        labels = f" by {', '.join(f'`{label}`' for label in family.labels)}" if family.labels else ""
        rows.append(f"| `{family.name}` | {family.kind}{labels}: {family.means} |")
    return "\n".join(rows) + "\n"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
