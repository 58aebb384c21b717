"""Who speaks: greeting, EHLO, HELO, STARTTLS, XCLIENT, QUIT, and what leads nowhere (RFC 5321, RFC 3207)."""

from mailock.core.mail.origin import Tls
from mailock.core.smtp import phrases
from mailock.core.smtp.effects import Attack, Attacked, ConnectionGiven, Ending, HelloGiven, StartTls, XclientGiven
from mailock.core.smtp.proxy import NotProxy, parse_proxy
from mailock.core.smtp.reply import Reply
from mailock.core.smtp.server_table import State
from mailock.core.smtp.session import Session
from mailock.core.smtp.xclient import read_xclient


def read_proxy(s: Session) -> bool:
    """Reads the PROXY header, and asks for the greeting. Whether anything was read."""
    parsed = parse_proxy(s.input[s.at :])
    if parsed is None:
        return False
    if isinstance(parsed, NotProxy):
        s.close(Ending.VIOLATION, None)
        return True
    s.at += parsed.length
    s.state = State.CONNECTED
    s.talked_early = s.at < len(s.input)
    s.ask(ConnectionGiven(parsed.header), greet)
    return True


def greet(s: Session, reply: Reply) -> None:
    """The shell's answer to a new client (RFC 5321 section 3.1)."""
    if reply.positive:
        s.out.append(s.settings.banner)
        s.state = State.GREETED
    elif reply.code == 421:
        s.close(Ending.REFUSED, reply)
    else:
        s.out.append(reply.wire)
        s.state = State.REFUSED


def ehlo(s: Session, argument: bytes) -> None:
    """EHLO."""
    _hello(s, b"EHLO", argument)


def helo(s: Session, argument: bytes) -> None:
    """HELO."""
    _hello(s, b"HELO", argument)


def _hello(s: Session, verb: bytes, argument: bytes) -> None:
    extended = verb == b"EHLO"
    name = argument.strip(b" \t").decode("ascii", "replace").replace("\ufffd", "?")
    if s.state is not State.GREETED and s.idle():
        return
    if not (name.isprintable() and " " not in name and 0 < len(name) <= 255):
        s.refuse(verb + b" " + argument, phrases.SYNTAX)
        return

    def answered(s: Session, reply: Reply) -> None:
        if not reply.positive:
            s.say_no(reply)
            return
        s.reset()
        s.state = State.HELLO
        s.helo, s.extended = name, extended
        hello = s.settings.hello_tls if s.tls else s.settings.hello_plain
        s.out.append(hello if extended else s.settings.helo)

    s.ask(HelloGiven(name, extended), answered)


def starttls(s: Session, argument: bytes) -> None:
    """STARTTLS (RFC 3207). What came in the clear behind it is dropped: nobody may slip commands under our TLS."""
    if argument.strip():
        s.refuse(b"STARTTLS " + argument, phrases.NO_ARGUMENT)
    elif not s.settings.tls_offered:
        s.refuse(b"STARTTLS", phrases.NOT_IMPLEMENTED)
    elif s.tls:
        s.refuse(b"STARTTLS", phrases.BAD_ORDER)
    elif not s.idle():
        s.reset()
        s.out.append(phrases.TLS_GO.wire)
        s.flush()
        s.effects.append(StartTls())
        s.state = State.TLS
        if s.at < len(s.input):
            note_injection(s)


def note_injection(s: Session) -> None:
    """Plaintext after STARTTLS: dropped, and told once."""
    s.input, s.at = b"", 0
    if not s.attacked:
        s.attacked = True
        s.effects.append(Attacked(Attack.STARTTLS_INJECTION))


def tls_started(s: Session, tls: Tls) -> None:
    """The handshake is done: all that was said before is forgotten (RFC 3207 section 4.2)."""
    s.tls = tls
    s.input, s.at = b"", 0
    s.state = State.GREETED
    s.helo, s.extended, s.authenticated = "", False, None


def xclient(s: Session, argument: bytes) -> None:
    """XCLIENT, from trusted peers only."""
    if not s.settings.xclient_allowed:
        s.refuse(b"XCLIENT " + argument, phrases.NOT_IMPLEMENTED)
        return
    claims = read_xclient(argument)
    if claims is None:
        s.refuse(b"XCLIENT " + argument, phrases.SYNTAX)
    elif not s.idle():
        s.ask(XclientGiven(claims), _impersonated)


def _impersonated(s: Session, reply: Reply) -> None:
    """Another client speaks from here on, so it is greeted anew, or refused as it would be if it had come itself."""
    s.reset()
    s.helo, s.extended, s.authenticated = "", False, None
    greet(s, reply)


def quit_(s: Session, argument: bytes) -> None:
    """QUIT. An argument is forgiven: the client leaves either way."""
    s.close(Ending.QUIT, phrases.BYE)


def rset(s: Session, argument: bytes) -> None:
    """RSET (RFC 5321 section 4.1.1.5)."""
    if argument.strip():
        s.refuse(b"RSET " + argument, phrases.NO_ARGUMENT)
    elif not s.idle():
        s.reset()
        s.out.append(phrases.OK.wire)


def noop(s: Session, argument: bytes) -> None:
    """NOOP; its argument means nothing."""
    if not s.idle():
        s.out.append(phrases.OK.wire)


def help_(s: Session, argument: bytes) -> None:
    """HELP."""
    if not s.idle():
        s.out.append(phrases.HELP.wire)


def vrfy(s: Session, argument: bytes) -> None:
    """VRFY: we do not tell whom we know (RFC 5321 section 7.3)."""
    if not argument.strip():
        s.refuse(b"VRFY", phrases.SYNTAX)
    elif not s.idle():
        s.out.append(phrases.CANNOT_VERIFY.wire)


def not_implemented(s: Session, argument: bytes) -> None:
    """Commands that exist and that we do not have: EXPN, ETRN, TURN and the like."""
    s.refuse(argument, phrases.NOT_IMPLEMENTED)
