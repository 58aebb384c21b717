"""What the jail lacks is told again and again, for as long as it is lacking."""

from collections.abc import Sequence

from mailock.jail.protection import Lack, Protection
from mailock.ports.alerts import Alert
from mailock.processes.clock import SystemClock
from mailock.processes.watch import Watch


class Told:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def tell(self, alert: Alert) -> None:
        """See `ports.alerts.Alerts`."""
        self.alerts.append(alert)


async def test_a_lack_stands_until_it_is_gone() -> None:
    told = Told()
    lacks: Sequence[Lack] = (Lack(protection=Protection.LANDLOCK, because="the kernel has none"),)
    watch = Watch((), lambda: lacks, SystemClock(), told)
    await watch.look()
    await watch.look()
    text = "mail is opened without a protection of this machine, 'landlock': the kernel has none"
    assert [(one.kind, one.about, one.text) for one in told.alerts] == [("jail", "landlock", text)] * 2
    lacks = ()
    await watch.look()
    assert len(told.alerts) == 2
