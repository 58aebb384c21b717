"""Alerts by mail: our own mail, outgoing, from the null sender, so it can never bounce to anybody (DECISIONS 15)."""

from collections.abc import Awaitable, Callable
from typing import Final

from mailock.alerts.notice import Notice, NotSent

Submit = Callable[[str, str, tuple[str, ...]], Awaitable[object]]
"""Takes custody of a mail of ours: subject, text, recipients. Raises what the intake raises."""
_SUBJECT: Final = 120


class MailChannel:
    """Hands alerts to the gateway's own intake."""

    name = "mail"

    def __init__(self, submit: Submit, to: tuple[str, ...]) -> None:
        self._submit = submit
        self._to = to

    async def send(self, notice: Notice) -> None:
        """Sends one notice. Raises NotSent where the intake refuses it: then the disk is in trouble."""
        try:
            await self._submit(subject(notice), text(notice), self._to)
        except Exception as error:
            # Whatever the intake raises, a person who would have been told was not, and the log has to say so.
            raise NotSent(f"the gateway did not take the alert's mail: {error}") from error


def subject(notice: Notice) -> str:
    """The subject of an alert's mail: one line."""
    line = f"[Mailock {notice.node}] {notice.sentence}"
    return line if len(line) <= _SUBJECT else f"{line[: _SUBJECT - 1]}…"


def text(notice: Notice) -> str:
    """The body of an alert's mail."""
    repeated = f"Since the last mail about this it happened {notice.repeated} times more.\n" if notice.repeated else ""
    return (
        f"{notice.sentence}\n\n"
        f"About: {''.join(c if c.isprintable() else '?' for c in notice.about)}\n"
        f"When:  {notice.when}\n"
        f"Node:  {notice.node}\n"
        f"{repeated}\n"
        "The same alert is not sent again for a while; [alerts] in mailock.toml says which are sent, and how often.\n"
    )
