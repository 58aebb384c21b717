"""Taking a gateway out of service without losing mail (DECISIONS 11), as a table of steps and what has to be seen.

    OPEN      takes mail
    LEAVING   takes mail as ever, until the world sends it elsewhere:
                no MX of our domains points here, and none did for 24 h (or the time for which one that did may be
                remembered elsewhere, if that is longer);
                and no mail came from the upstream relays, where there are some, for as long as was ordered
    DRAINING  answers 421; what was taken is judged and sent
    OFF       nothing is left to do here

    `drain` goes to DRAINING at once and stays there. `disable` goes from LEAVING to OFF; with force it leaves LEAVING
    out, and servers that still believe in us have to wait and try again. `enable` opens at any step.

What cannot be learnt counts as pointing here: a DNS that is down never ends the service. Mail that waits for a person
(held, in quarantine, shunted) does not keep the last step from being reached; it stays where it is, and is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

WAIT_SECONDS: Final = 86_400.0
"""How long no MX may have pointed here."""
_NAMED: Final = 5


class Step(Enum):
    """Where the procedure stands."""

    OPEN = "open"
    LEAVING = "leaving"
    DRAINING = "draining"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """An order, and how far it has come. Times are Unix seconds."""

    step: Step = Step.OPEN
    by: str = ""
    since: float = 0.0
    """When it was given."""
    to_off: bool = False
    """Whether it ends in OFF; a mere drain does not."""
    forced: bool = False
    upstream: tuple[str, ...] = ()
    """Addresses of relays that hand us mail, whatever the MX records say."""
    quiet: float = 1800.0
    """For how long no mail may have come from them, in seconds."""
    last_pointed: float | None = None
    """When an MX was last seen to point here, or could not be looked up."""
    longest_ttl: float = 0.0
    """Seconds for which such a record may be remembered elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was found when somebody looked."""

    pointing: tuple[str, ...] = ()
    """Domains of which an MX points here."""
    unknown: tuple[str, ...] = ()
    """Domains of which that could not be learnt."""
    ttl: float = 0.0
    """The longest time in seconds for which one of those may be remembered."""
    last_upstream: float | None = None
    """When mail last came from an upstream relay."""
    moving: int = 0
    """Messages that are to be judged, and copies that are to be made or sent."""
    kept: int = 0
    """Messages and copies that wait for a person."""


OPEN: Final = Course()


def drain(before: Course, *, by: str, now: float) -> Course:
    """The order to take no more mail. One that is draining already goes on as it is; a disable goes on from there."""
    if before.step in (Step.DRAINING, Step.OFF):
        return before
    if before.to_off:
        return replace(before, step=Step.DRAINING, by=by)
    return Course(step=Step.DRAINING, by=by, since=now)


def disable(
    before: Course, *, by: str, now: float, forced: bool, upstream: Sequence[str] = (), quiet: float = 1800.0
) -> Course:
    """The order to take the gateway out of service. Given again, it adds force or relays, and does not begin anew."""
    if before.to_off and not forced and before.upstream == tuple(upstream) and before.quiet == quiet:
        return before
    if before.step is Step.OFF:
        return before
    step = Step.DRAINING if forced or before.step is Step.DRAINING else Step.LEAVING
    since = before.since if before.to_off else now
    # The old MX may be remembered although it is gone: where there are no relays, a day counts from now at least.
    last = before.last_pointed if before.to_off else None if upstream else now
    return replace(
        before,
        step=step,
        by=by,
        since=since,
        to_off=True,
        forced=forced or before.forced,
        upstream=tuple(upstream),
        quiet=quiet,
        last_pointed=last,
    )


def advance(before: Course, seen: Seen, now: float) -> Course:
    """How far the procedure has come, after a look."""
    match before.step:
        case Step.LEAVING:
            if seen.pointing or seen.unknown:
                ttl = max(before.longest_ttl, seen.ttl)
                return replace(before, last_pointed=now, longest_ttl=ttl)
            if _left(before, seen, now):
                return replace(before, step=Step.DRAINING)
            return before
        case Step.DRAINING:
            return replace(before, step=Step.OFF) if before.to_off and not seen.moving else before
        case Step.OPEN | Step.OFF:
            return before


def takes_mail(course: Course) -> bool:
    """Whether the doors are open."""
    return course.step in (Step.OPEN, Step.LEAVING)


def closed_because(course: Course) -> str:
    """Why the doors are shut, as a sentence for the log; empty where they are open."""
    match course.step:
        case Step.DRAINING:
            return f"the gateway is drained, by order of {course.by}"
        case Step.OFF:
            return f"the gateway is disabled, by order of {course.by}"
        case _:
            return ""


def awaited(course: Course, seen: Seen, now: float) -> tuple[str, ...]:
    """What has to happen before the next step, in sentences; nothing where there is none, or it is due."""
    match course.step:
        case Step.LEAVING:
            return tuple(_leaving(course, seen, now))
        case Step.DRAINING if seen.moving:
            return (f"{seen.moving} {'is' if seen.moving == 1 else 'are'} still on the way",)
        case _:
            return ()


def risk(seen: Seen) -> str:
    """What force puts at risk, in a sentence."""
    if seen.pointing:
        return (
            f"mail for {_some(seen.pointing)} still comes here by its MX: senders are answered 421 from now on, try "
            "again for some days, and then return their mail"
        )
    return (
        "servers that remember an MX which pointed here are answered 421 from now on; they try again for some days, "
        "and then return their mail"
    )


def _left(course: Course, seen: Seen, now: float) -> bool:
    return _mx_left(course, now) <= 0 and _quiet_left(course, seen, now) <= 0


def _mx_left(course: Course, now: float) -> float:
    """Seconds that still have to pass without an MX that points here."""
    if course.last_pointed is None:
        return 0.0
    return course.last_pointed + max(WAIT_SECONDS, course.longest_ttl) - now


def _quiet_left(course: Course, seen: Seen, now: float) -> float:
    """Seconds for which the upstream relays still have to be silent."""
    if not course.upstream:
        return 0.0
    return max(course.since, seen.last_upstream or 0.0) + course.quiet - now


def _leaving(course: Course, seen: Seen, now: float) -> list[str]:
    found = []
    if seen.pointing:
        found.append(f"the MX of {_some(seen.pointing)} points here: change it in the DNS")
    if seen.unknown:
        found.append(f"the MX of {_some(seen.unknown)} cannot be looked up, and counts as if it pointed here")
    waiting = _mx_left(course, now)
    if not found and waiting > 0:
        found.append(f"none may point here for {_hours(waiting)} more, because others may remember the old one")
    quiet = _quiet_left(course, seen, now)
    if quiet > 0:
        found.append(f"no mail may come from {_some(course.upstream)} for {_hours(quiet)} more")
    return found


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _hours(seconds: float) -> str:
    minutes = int(seconds // 60) + 1
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
