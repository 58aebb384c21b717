"""The server's command lines: which handler a line goes to, in which state; what is no line at all.

The table is made once, from `server_table.ORDER`: a look-up by state and verb finds the handler, or one that says why
not. A bare CR or LF in a command ends the connection: whoever sends one is smuggling, or is not speaking SMTP.
"""

from collections.abc import Callable
from typing import Final

from mailock.core.smtp import phrases, server_auth, server_body, server_hello, server_mail
from mailock.core.smtp.effects import Attack, Attacked, Ending
from mailock.core.smtp.server_table import ORDER, State, misplaced
from mailock.core.smtp.session import Session

Handler = Callable[[Session, bytes], None]


def take_line(s: Session, line: bytes) -> None:
    """One line of input, without its LF."""
    if line[-1:] != b"\r" or line.find(b"\r", 0, -1) >= 0:
        s.effects.append(Attacked(Attack.BARE_NEWLINE))
        s.violate(shown(s, line), phrases.BARE_NEWLINE, Ending.VIOLATION)
        return
    if s.stopping is not None:
        s.close(Ending.STOPPED, s.stopping)
        return
    if s.auth is not None:
        s.auth(s, line[:-1])
        return
    verb, _, argument = line[:-1].partition(b" ")
    handlers = _HANDLERS[s.state]
    handler = handlers.get(verb) or handlers.get(verb.upper())
    if handler is not None:
        handler(s, argument)
        return
    s.unknown += 1
    if s.unknown < s.settings.limits.unknown:
        s.refuse(line[:-1], phrases.UNKNOWN_COMMAND)
    else:
        s.violate(line[:-1], phrases.TOO_MANY_ERRORS, Ending.LIMIT)


def too_long(s: Session, octets: int) -> bool:
    """Whether a line of so many octets, from where the input was read to, is over the limit."""
    limits = s.settings.limits
    if octets <= limits.line:
        return False
    long_line = s.state is State.AUTH or s.input[s.at : s.at + 5].upper() == b"AUTH "
    return octets > (limits.auth_line if long_line else limits.line)


def shown(s: Session, line: bytes) -> bytes:
    """A line for the log; what may hold credentials does not get there."""
    return b"AUTH" if s.state is State.AUTH or line[:5].upper() == b"AUTH " else line


def _misplaced(verb: bytes, state: State) -> Handler:
    def handler(s: Session, argument: bytes) -> None:
        # The argument of AUTH may be a password.
        line = verb if verb == b"AUTH" or not argument else verb + b" " + argument
        s.refuse(line, misplaced(verb, state))

    return handler


def _unknown_here(verb: bytes) -> Handler:
    def handler(s: Session, argument: bytes) -> None:
        server_hello.not_implemented(s, verb + b" " + argument)

    return handler


_COMMANDS: Final[dict[bytes, Handler]] = {
    b"EHLO": server_hello.ehlo,
    b"HELO": server_hello.helo,
    b"MAIL": server_mail.mail,
    b"RCPT": server_mail.rcpt,
    b"DATA": server_body.data,
    b"BDAT": server_body.bdat,
    b"RSET": server_hello.rset,
    b"NOOP": server_hello.noop,
    b"HELP": server_hello.help_,
    b"VRFY": server_hello.vrfy,
    b"QUIT": server_hello.quit_,
    b"STARTTLS": server_hello.starttls,
    b"AUTH": server_auth.auth,
    b"XCLIENT": server_hello.xclient,
} | {verb: _unknown_here(verb) for verb in (b"EXPN", b"ETRN", b"TURN", b"SEND", b"SOML", b"SAML")}

_HANDLERS: Final[tuple[dict[bytes, Handler], ...]] = tuple(
    {
        verb: handler if verb not in ORDER or state in ORDER[verb][0] else _misplaced(verb, state)
        for verb, handler in _COMMANDS.items()
    }
    for state in State
)

STREAMS: Final[dict[State, Callable[[Session], bool]]] = {
    State.DATA: server_body.stream_data,
    State.CHUNK: server_body.stream_chunk,
    State.SKIP: server_body.stream_skip,
}
"""What takes the input in the states that are not of lines."""
