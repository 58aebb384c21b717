"""From whom and for whom: MAIL and RCPT (RFC 5321 sections 4.1.1.2 and 4.1.1.3)."""

from mailock.core.smtp import phrases
from mailock.core.smtp.effects import Ending, MailGiven, RcptGiven
from mailock.core.smtp.grammar import read_path
from mailock.core.smtp.parameters import read_mail, read_rcpt
from mailock.core.smtp.reply import Reply
from mailock.core.smtp.server_table import State
from mailock.core.smtp.session import Session


def mail(s: Session, argument: bytes) -> None:
    """MAIL FROM:<…>."""
    settings = s.settings
    if settings.tls_required and not s.tls:
        s.refuse(b"MAIL " + argument, phrases.TLS_FIRST)
        return
    if s.idle():
        return
    if 0 < settings.limits.transactions <= s.transactions:
        s.close(Ending.LIMIT, phrases.TOO_MANY_TRANSACTIONS)
        return
    path = read_path(argument[5:]) if argument[:5].upper() == b"FROM:" else None
    given = phrases.BAD_SENDER if path is None else read_mail(path, settings.extensions)
    if isinstance(given, MailGiven) and 0 < settings.size_limit < given.size:
        given = phrases.TOO_LARGE
    if isinstance(given, Reply):
        s.refuse(b"MAIL " + argument, given)
        return
    # The answer comes before anything else happens, so the value may wait here.
    s.mail = given
    s.ask(given, _sender_answered)


def _sender_answered(s: Session, reply: Reply) -> None:
    if reply.positive:
        s.state = State.MAIL
        s.out.append(reply.wire)
    else:
        s.mail = None
        s.say_no(reply)


def rcpt(s: Session, argument: bytes) -> None:
    """RCPT TO:<…>."""
    mail = s.mail
    assert mail is not None
    s.tried += 1
    if s.tried > s.settings.recipients_limit * s.settings.limits.attempts:
        s.close(Ending.LIMIT, phrases.TOO_MANY_ERRORS)
        return
    path = read_path(argument[3:]) if argument[:3].upper() == b"TO:" else None
    given = phrases.BAD_RECIPIENT if path is None else read_rcpt(path, s.settings.extensions, mail.smtputf8)
    if isinstance(given, RcptGiven) and len(s.recipients) >= s.settings.recipients_limit:
        given = phrases.TOO_MANY_RECIPIENTS
    if isinstance(given, Reply):
        s.refuse(b"RCPT " + argument, given)
        return
    s.recipients.append(given)
    s.ask(given, _recipient_answered)


def _recipient_answered(s: Session, reply: Reply) -> None:
    if reply.positive:
        s.state = State.RCPT
        s.out.append(reply.wire)
    else:
        s.recipients.pop()
        s.say_no(reply)
