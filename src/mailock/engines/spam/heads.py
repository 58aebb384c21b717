"""Traits of the header: who it says wrote it, to whom, about what, and whether it goes on with something."""

import re
from email.utils import parsedate_tz
from typing import Final

from mailock.engines.spam.mail import Mail
from mailock.engines.spam.names import BRANDS, FREE, is_of
from mailock.engines.spam.wording import folded, is_mixed, is_random, spaced, words_of
from mailock.engines.suffixes import place

Amounts = dict[str, float]
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,80}@([A-Za-z0-9][A-Za-z0-9.-]{0,200})")
_ROLE: Final = re.compile(
    r"\b(?:support|secur\w+|admin\w*|account\w*|billing|service|helpdesk|help desk|customer|notification\w*|alert\w*|"
    r"team|no.?reply|verification|postmaster|webmaster|kundenservice|sicherheit|servicio|servizio|client\w*)\b"
)
_ESP: Final = frozenset(
    {
        "feedback-id",
        "x-ses-outgoing",
        "x-sg-eid",
        "x-sg-id",
        "x-mailgun-sid",
        "x-mandrill-user",
        "x-mc-user",
        "x-campaign",
        "x-campaignid",
        "x-csa-complaints",
        "x-cmail-gameid",
        "x-roving-id",
        "x-mailer-recptid",
        "x-sfmc-stack",
        "x-mj-mid",
        "x-pm-message-id",
        "x-rpcampaign",
        "x-messagesystems-sub-id",
        "x-sib-id",
        "x-mailchimp-campaign-id",
        "x-accounttype",
        "x-job",
        "x-mkt-id",
        "x-hs-cid",
        "x-binding",
        "x-lid",
    }
)
_LISTS: Final = frozenset(
    {"list-id", "list-post", "x-beenthere", "x-mailman-version", "mailing-list", "x-mailing-list"}
)
_DAY: Final = 86_400
_EMOJI: Final = re.compile("[\u2600-\u27bf\u2b50\U0001f300-\U0001faff]")
_MONEY: Final = re.compile(r"[$£€]\s?\d|\d\s?(?:usd|eur|dollars?|euro)\b|\bcash\b|\bmoney\b")
_CODE: Final = re.compile(r"(?:\s{2,}|\s)[\[(#]?([A-Za-z0-9]{4,14})[\])]?\s*$")
_VOTE: Final = re.compile(r"^\s*(?:\w{1,3}\s*:\s*)?\[[^\]]{2,40}\]")


def domain_of(untrusted_value: str) -> str:
    """The domain of the first address in a value, in lower case; empty where there is none."""
    match = _ADDRESS.search(untrusted_value)
    return match[1].lower().rstrip(".") if match else ""


def address_of(untrusted_value: str) -> str:
    """The first address in a value, in lower case; the last one in angle brackets goes first."""
    angled = untrusted_value.rpartition("<")[2]
    match = _ADDRESS.search(angled) or _ADDRESS.search(untrusted_value)
    return match[0].lower() if match else ""


def name_of(untrusted_value: str) -> str:
    """What a reader sees before the address."""
    before, angle, _ = untrusted_value.rpartition("<")
    return before.strip(" \t\"'") if angle else ""


def heads(mail: Mail) -> Amounts:
    """The traits that are there."""
    found: Amounts = {}
    author = mail.first("from")
    address = address_of(author)
    _author(found, author, address)
    _recipients(found, mail, address)
    _subject(found, mail)
    _replies(found, mail, address)
    _standing(found, mail, author)
    _dates(found, mail)
    return found


def _author(found: Amounts, author: str, address: str) -> None:
    name = name_of(author)
    domain = address.rpartition("@")[2]
    if not address:
        found["from.broken"] = 1
        return
    local = address.partition("@")[0]
    shown = address_of(name) if "@" in name else ""
    if not name:
        found["from.no_name"] = 1
    elif shown == address:
        found["from.name_is_address"] = 1
    elif shown:
        found["from.name_other_address"] = 1
    if re.search(r"\d{3,}$", local):
        found["from.digits"] = 1
    if is_random(local.replace(".", "").replace("-", "")) and not re.search(r"bounce|return|reply|\+|=", local):
        found["from.random"] = 1
    if place(domain) in FREE:
        found["from.free"] = 1
    if len(name) > 6 and name.isupper():
        found["from.shout"] = 1
    registered = place(domain)
    label = registered.partition(".")[0]
    if is_random(label) or sum(letter.isdigit() for letter in label) > 3 or label.count("-") > 2:
        found["from.odd_domain"] = 1
    spoken = folded(name)
    if any(word in BRANDS and not is_of(registered, word) for word in words_of(spoken)):
        found["from.brand"] = 1
    if _ROLE.search(spoken):
        found["from.role"] = 1


def _recipients(found: Amounts, mail: Mail, author: str) -> None:
    to = ", ".join((*mail.all("to"), *mail.all("cc")))
    addresses = [match[0].lower() for match in _ADDRESS.finditer(to)]
    if not to.strip():
        found["to.missing"] = 1
    elif not addresses:
        found["to.undisclosed"] = 1
    if len(addresses) > 8:
        found["to.many"] = 1
    if author and author in addresses:
        found["to.is_from"] = 1
    locals_ = sorted({one.partition("@")[0] for one in addresses})
    if len(locals_) > 3 and len({one[:2] for one in locals_}) * 3 <= len(locals_):
        found["to.similar"] = 1


def _subject(found: Amounts, mail: Mail) -> None:
    if not mail.has("subject") or not (subject := mail.first("subject").strip()):
        found["subject.missing"] = 1
        return
    raw = mail.untrusted_subject
    letters = [letter for letter in subject if letter.isalpha()]
    lowered = subject.lower()
    marks = {
        "subject.shout": len(letters) > 7 and sum(map(str.isupper, letters)) * 10 > len(letters) * 8,
        "subject.exclaim": "!" in subject,
        "subject.money": bool(_MONEY.search(lowered)),
        "subject.false_reply": lowered.startswith("re:") and not (mail.has("in-reply-to") or mail.has("references")),
        "subject.gap": "     " in subject.strip() or b"\t" in raw.strip(),
        "subject.raw": not raw.isascii(),
        "subject.spaced": len(spaced(subject)) > 4,
        "subject.mixed": is_mixed(subject),
        "subject.emoji": bool(_EMOJI.search(subject)),
        "subject.question": subject.endswith("?"),
        "subject.tag": bool(_VOTE.match(subject)),
    }
    found.update({name: 1.0 for name, is_there in marks.items() if is_there})
    code = _CODE.search(subject)
    if code and (is_random(code[1].lower()) or (code[1].isdigit() and len(code[1]) > 4)):
        found["subject.code"] = 1
    local, _, domain = address_of(mail.first("to")).partition("@")
    if (len(local) > 3 and re.search(rf"(?<!\w){re.escape(local)}(?!\w)", lowered)) or (domain and domain in lowered):
        found["subject.recipient"] = 1


def _replies(found: Amounts, mail: Mail, address: str) -> None:
    answer = domain_of(mail.first("reply-to"))
    own = address.rpartition("@")[2]
    if not answer or not own or place(answer) == place(own):
        return
    if any(field.name in _LISTS for field in mail.header):
        return
    found["reply.elsewhere"] = 1
    if place(answer) in FREE:
        found["reply.free"] = 1


def _standing(found: Amounts, mail: Mail, author: str) -> None:
    """What kind of mail it is by its own word."""
    names = {field.name for field in mail.header}
    precedence = mail.first("precedence").strip().lower()
    automatic = mail.first("auto-submitted").strip().lower()
    local = address_of(author).partition("@")[0]
    returned = mail.first("return-path").replace(" ", "").startswith("<>")
    marks = {
        "thread": bool(names & {"in-reply-to", "references"}),
        "list": bool(names & _LISTS),
        "list.unsubscribe": "list-unsubscribe" in names,
        "esp": bool(names & _ESP),
        "signed": "dkim-signature" in names or "domainkey-signature" in names,
        "bounce": mail.report,
        "bounce.sender": local in ("mailer-daemon", "postmaster") or returned,
        "automatic": automatic not in ("", "no")
        or precedence == "auto_reply"
        or "x-autoreply" in names
        or "x-cron-env" in names
        or "x-bugzilla-reason" in names
        or "x-github-reason" in names,
        "priority.high": mail.first("x-priority").strip()[:1] in ("1", "2")
        or mail.first("importance").strip().lower() == "high",
    }
    found.update({name: 1.0 for name, is_there in marks.items() if is_there})


def _dates(found: Amounts, mail: Mail) -> None:
    told = mail.first("date")
    if not told.strip():
        found["date.missing"] = 1
        return
    date = _seconds(told)
    if date is None:
        found["date.broken"] = 1
        return
    zone = re.search(r"[+-](\d\d)(\d\d)\b", told)
    if zone and (int(zone[1]) > 14 or int(zone[2]) not in (0, 30, 45)):
        found["date.odd_zone"] = 1
    for hop in mail.all("received")[-1:]:
        came = _seconds(hop.rpartition(";")[2])
        if came is not None and not -3 * 3600 < came - date < 2 * _DAY:
            found["date.apart"] = 1


def _seconds(told: str) -> float | None:
    """A date as seconds; only differences of two of them mean something here."""
    try:
        parts = parsedate_tz(told[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if parts is None or not (1 <= parts[1] <= 12 and 1 <= parts[2] <= 31 and 0 <= parts[0] <= 9999):
        return None
    year, month, day, hour, minute, second = parts[:6]
    days = year * 365.2425 + month * 30.44 + day
    return days * _DAY + hour * 3600 + minute * 60 + second - (parts[9] or 0)
