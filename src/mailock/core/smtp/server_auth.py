"""AUTH on the server's side: PLAIN (RFC 4616) and LOGIN, by RFC 4954, under TLS only.

The core decodes and asks; whether the password is right, it does not know. Nothing of the exchange reaches `Refused`.
"""

from base64 import b64encode
from binascii import Error, a2b_base64

from mailock.core.smtp import phrases
from mailock.core.smtp.effects import AuthGiven
from mailock.core.smtp.reply import Reply
from mailock.core.smtp.server_table import State
from mailock.core.smtp.session import Session

_USERNAME = Reply.of(334, "", b64encode(b"Username:").decode("ascii"))
_PASSWORD = Reply.of(334, "", b64encode(b"Password:").decode("ascii"))
_EMPTY = Reply.of(334, "")


def auth(s: Session, argument: bytes) -> None:
    """AUTH mechanism [initial response]."""
    words = argument.split()
    mechanism = words[0].upper().decode("utf-8", "replace") if words else ""
    if s.settings.auth_mechanisms and not s.tls:
        s.refuse(b"AUTH", phrases.ENCRYPTION_FIRST)
    elif not s.settings.auth_mechanisms:
        s.refuse(b"AUTH", phrases.NOT_IMPLEMENTED)
    elif s.authenticated is not None:
        s.refuse(b"AUTH", phrases.BAD_ORDER)
    elif not words or len(words) > 2:
        s.refuse(b"AUTH", phrases.SYNTAX)
    elif mechanism not in s.settings.auth_mechanisms:
        s.refuse(b"AUTH", phrases.MECHANISM)
    elif not s.idle():
        _begin(s, mechanism, words[1:])


def _begin(s: Session, mechanism: str, initial: list[bytes]) -> None:
    step = _plain if mechanism == "PLAIN" else _login_name
    if initial:
        # RFC 4954 section 4: a single "=" is an initial response of no octets.
        step(s, b"" if initial[0] == b"=" else initial[0])
    else:
        _challenge(s, _EMPTY if mechanism == "PLAIN" else _USERNAME)
        s.auth = step


def _challenge(s: Session, challenge: Reply) -> None:
    s.state = State.AUTH
    s.out.append(challenge.wire)


def _plain(s: Session, line: bytes) -> None:
    text = _decode(s, line)
    if text is None:
        return
    parts = text.split("\0")
    if len(parts) != 3 or not parts[1]:
        s.refuse(b"AUTH", phrases.BAD_ENCODING)
        return
    _ask(s, AuthGiven("PLAIN", parts[1], parts[2], parts[0] if parts[0] != parts[1] else ""))


def _login_name(s: Session, line: bytes) -> None:
    name = _decode(s, line)
    if name is None:
        return

    def password(s: Session, line: bytes) -> None:
        text = _decode(s, line)
        if text is not None:
            _ask(s, AuthGiven("LOGIN", name, text, ""))

    _challenge(s, _PASSWORD)
    s.auth = password


def _decode(s: Session, line: bytes) -> str | None:
    """The text of a response; what is none ends the exchange."""
    s.state, s.auth = State.HELLO, None
    line = line.strip(b" \t")
    if line == b"*":
        s.refuse(b"AUTH", phrases.CANCELLED)
        return None
    try:
        return a2b_base64(line, strict_mode=True).decode("utf-8")
    except (Error, UnicodeDecodeError):
        s.refuse(b"AUTH", phrases.BAD_ENCODING)
        return None


def _ask(s: Session, given: AuthGiven) -> None:
    def answered(s: Session, reply: Reply) -> None:
        if reply.positive:
            s.authenticated = given.authorize_as or given.identity
            s.out.append(reply.wire)
        else:
            s.say_no(reply)

    s.ask(given, answered)
