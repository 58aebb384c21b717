"""The views by their names (those that are shipped, and `own-` with a number, which somebody made), and as files."""

from typing import Final

from mailock.console.counts import Counts
from mailock.console.desks import unpacked
from mailock.console.figures import Drawn, View, drawn
from mailock.console.frames import Frame
from mailock.console.means import LOG_NAME, Means, NotThere
from mailock.console.press import Order, pressed
from mailock.console.shipped import VIEWS
from mailock.storage.views import Stored

OWN: Final = "own-"
FORMS: Final = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV", "png": "PNG"}
"""The kinds of files that a view is exported to, and what people call them."""


def view_of(means: Means, person: str, name: str) -> View:
    """A view that somebody may see. Raises NotThere."""
    if name in VIEWS:
        return VIEWS[name]
    return unpacked(stored(means, person, name).document)


def stored(means: Means, person: str, name: str) -> Stored:
    """A view that somebody made, or that others share with him. Raises NotThere."""
    number = name.removeprefix(OWN)
    known = name.startswith(OWN) and number.isdecimal() and number.isascii() and len(number) < 10
    found = means.people.views.one(int(number), person) if known else None
    if found is None:
        raise NotThere(f"there is no view {name}: there are {', '.join(VIEWS)}, and those on the page of all views")
    return found


def drawn_whole(
    means: Means, view: View, frame: Frame, systems: tuple[str, ...], counts: Counts, *, wait: bool
) -> Drawn:
    """A view, with fields counted that the log keeps no sums of. Raises as `drawn` does; TimeoutError with `wait`."""
    log, now = means.data / LOG_NAME, means.clock.now()
    return drawn(log, view, frame, systems, now=now, ask=means.status, counts=counts, wait=wait)


def filed(form: str, found: Drawn, means: Means) -> tuple[bytes, str]:
    """A view as a file, and its media type. Raises NotThere for a kind of file that there is not, and as `pressed`."""
    if form not in FORMS:
        raise NotThere(f"there is no export {form}: there are {', '.join(FORMS)}")
    return pressed(Order(form=form, now=means.clock.now(), hostname=means.hostname, view=found))
