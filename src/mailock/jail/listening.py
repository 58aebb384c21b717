"""What the host hears of one job: the frames in a pipe, the deadline, and the end; from these it makes the outcome."""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from mailock.jail.child import SENTENCES, Fault
from mailock.jail.frames import Bounds, FrameReader, Nonsense, Overfull
from mailock.ports.jail import End, Ended

_READ = 256 << 10


@dataclass(slots=True)
class Listening:
    """One job under way. `stop` is called at most once, when the job has to be killed."""

    bounds: Bounds
    stop: Callable[[], None]
    pipe: int
    """The end of the pipe that is read from; this object closes it."""
    ends_with_return: bool
    """Whether the job is over for us once it has said all: so where it has no file that it might still write to."""
    outcome: "asyncio.Future[int | None]"
    """The status of the child, 0 where that is not waited for; None where the worker died under it."""
    _reader: FrameReader = field(init=False)
    _killed_for: tuple[End, str] | None = None
    _timer: asyncio.TimerHandle | None = None
    _is_open: bool = True

    def __post_init__(self) -> None:
        self._reader = FrameReader(self.bounds)

    def begin(self, seconds: float) -> None:
        """Listens from now on, until the deadline."""
        os.set_blocking(self.pipe, False)
        loop = asyncio.get_running_loop()
        loop.add_reader(self.pipe, self._hear)
        self._timer = loop.call_later(seconds, self._kill, End.LATE, f"it was not done after {seconds:g} s")

    def close(self) -> None:
        """Listens no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._is_open:
            self._is_open = False
            asyncio.get_running_loop().remove_reader(self.pipe)
            os.close(self.pipe)

    def conclude(self, status: int | None) -> Ended:
        """The outcome, when it has said all or is dead: what still stands in the pipe is heard first."""
        while self._is_open and self._killed_for is None and self._hear():
            pass
        self.close()
        end, detail = self._killed_for or self._judged(status)
        return Ended(end=end, detail=detail, untrusted_frames=tuple(self._reader.frames))

    def _judged(self, status: int | None) -> tuple[End, str]:
        if status is None:
            return End.DIED, "its worker died"
        if os.WIFSIGNALED(status):
            return End.DIED, f"it was ended by {_signal_name(os.WTERMSIG(status))}"
        code = os.WEXITSTATUS(status)
        if code:
            known = SENTENCES[Fault(code)] if code in SENTENCES else f"it ended with the status {code}"
            return End.DIED, known
        if not self._reader.has_returned:
            return End.DIED, "it ended in the middle of its task"
        return End.DONE, ""

    def _hear(self) -> bool:
        """Whether anything was heard."""
        try:
            untrusted_octets = os.read(self.pipe, _READ)
        except BlockingIOError:
            return False
        if not untrusted_octets:
            asyncio.get_running_loop().remove_reader(self.pipe)
            return False
        try:
            self._reader.feed(untrusted_octets)
        except Overfull as reason:
            self._kill(End.OVERFULL, str(reason))
        except Nonsense as reason:
            self._kill(End.DIED, f"it spoke nonsense and was killed: {reason}")
        else:
            if self.ends_with_return and self._reader.has_returned and not self.outcome.done():
                self.outcome.set_result(0)
        return True

    def _kill(self, end: End, detail: str) -> None:
        if self._killed_for is None:
            self._killed_for = (end, detail)
            if self._is_open:
                asyncio.get_running_loop().remove_reader(self.pipe)
            self.stop()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
