"""Traits of how a message was made and brought: its mail program, its Message-ID, the machines on its way.

The hops that its own reader's machines added say nothing of the sender, and give a corpus away; so what counts is
the first hop that came from outside.
"""

import re
from typing import Final

from mailock.engines.spam.heads import Amounts, domain_of
from mailock.engines.spam.mail import Mail
from mailock.engines.spam.wording import is_random
from mailock.engines.suffixes import place

_UNIX: Final = re.compile(
    r"mutt|pine|gnus|vm |exmh|nmh|mh-|kmail|evolution|sylpheed|elm|mew|emacs|balsa|slrn|claws|mailx|ximian|"
    r"squirrelmail|git-send-email|mailman|alpine|heirloom",
    re.IGNORECASE,
)
_KNOWN: Final = re.compile(
    r"outlook|thunderbird|mozilla|apple mail|iphone mail|ipad mail|eudora|lotus|novell|groupwise|foxmail|opera|"
    r"internet mail service|entourage|the bat|pegasus|zimbra|roundcube|becky|postbox|mailbird|incredimail|aol|"
    r"microsoft exchange",
    re.IGNORECASE,
)
_BULK: Final = re.compile(
    r"bulk|blast|mass ?mail|group ?mail|advanced mass|direct ?mail|dmailer|send-?safe|mail ?king|e-?mail ?magnet|"
    r"ratware|platinum|stealth|extractor|smtp ?express|aureate|jmail|aspqmail|leaf ?mailer|"
    r"turbo ?mailer|ultra ?mail|mailer ?pro|super ?mail",
    re.IGNORECASE,
)
_ID_OUTLOOK: Final = re.compile(
    r"[0-9a-f]{12}\$[0-9a-f]{8}\$[0-9a-f]{8}@|[A-P]{20,30}\.[^@]*@|[A-Z0-9]{30,60}@", re.IGNORECASE
)
_ID_BAT: Final = re.compile(r"\d{5,12}\.\d{10,18}@")
_ID_MOZILLA: Final = re.compile(
    r"[0-9A-F]{8}\.\d{6,9}@|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}@", re.IGNORECASE
)
_ID_REWRITTEN: Final = re.compile(r"^<?(?:\d{14}\.|[A-Za-z0-9]{14}@|E[A-Za-z0-9-]{15,20}@)")
"""Ids that servers put in where there was none, or a list where there was another."""
_OLD: Final = re.compile(
    r"outlook express (?:5|6\.00\.2(?:[46]|900\.2(?:180|670|5)))|outlook, build 10\.0\.(?:2616|3416|2627|4024)|"
    r"qualcomm|the bat! \(v[12]|internet mail service|imo, build 9\.0\.2416|cws?box|calypso",
    re.IGNORECASE,
)
_PRIVATE: Final = re.compile(
    r"\[?(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1|fe80:|fd)|localhost|fetchmail|with (?:imap|pop3)|"
    r"uid \d+|\(envelope-from",
    re.IGNORECASE,
)
_DIAL_UP: Final = re.compile(
    r"(?:adsl|dsl|dial|dyn|dhcp|cable|ppp|pool|client|cust|user|broadband|catv|hsd\d|res|pppoe|modem|kabel|speedy|"
    r"rev|static|ip)[a-z0-9]*[.-][^\s\])]*\d|\d{1,3}[.x-]\d{1,3}[.x-]\d{1,3}[.x-]\d{1,3}[.-][a-z]|"
    r"[a-z]?\d{8,12}\.[a-z]",
    re.IGNORECASE,
)
_FROM: Final = re.compile(r"^\s*from\s+(\S+)\s*(?:\(([^)]*)\)?|\[([0-9a-fA-F.:]+)\])?", re.IGNORECASE)
_NUMBER: Final = re.compile(r"^\[?\d{1,3}(?:\.\d{1,3}){3}\]?$")


def routes(mail: Mail) -> Amounts:
    """The traits that are there."""
    found: Amounts = {}
    _identifier(found, mail)
    _program(found, mail)
    _manners(found, mail)
    _hops(found, mail)
    return found


def _identifier(found: Amounts, mail: Mail) -> None:
    if not mail.has("message-id"):
        found["id.missing"] = 1
        return
    told = mail.first("message-id").strip()
    local, at, host = told.strip("<>").rpartition("@")
    if not at or not local or " " in local or not told.startswith("<"):
        found["id.broken"] = 1
        return
    host = host.lower()
    if "." not in host:
        found["id.bare_host"] = 1
        return
    own, to = domain_of(mail.first("from")), domain_of(mail.first("to"))
    if place(host) == place(own):
        found["id.own"] = 1
    elif to and place(host) == place(to):
        found["id.recipient"] = 1
    else:
        found["id.foreign"] = 1


def _program(found: Amounts, mail: Mail) -> None:
    named = (mail.first("x-mailer") or mail.first("user-agent")).strip()
    identifier = mail.first("message-id").strip()
    local = identifier.lstrip("<")
    if mail.has("x-php-script") or mail.has("x-php-originating-script") or "phpmailer" in named.lower():
        found["mua.php"] = 1
    if not named:
        if re.match(r"<?Pine\.|<?alpine\.", identifier):
            found["mua.unix"] = 1
        return
    lowered = named.lower()
    if _UNIX.search(named):
        found["mua.unix"] = 1
    elif _BULK.search(named):
        found["mua.bulk"] = 1
    elif _KNOWN.search(named):
        found["mua.known"] = 1
    elif any(is_random(word.lower()) for word in re.findall(r"[A-Za-z0-9]+", named)[:6]):
        found["mua.random"] = 1
    if _OLD.search(named):
        found["mua.old"] = 1
    if _ID_REWRITTEN.match(identifier):
        return
    for word, form, false in (
        ("outlook", _ID_OUTLOOK, "mua.false_outlook"),
        ("the bat", _ID_BAT, "mua.false_bat"),
        ("thunderbird", _ID_MOZILLA, "mua.false_mozilla"),
    ):
        if word in lowered:
            found["mua.true" if form.match(local) else false] = 1
    if lowered.startswith("microsoft outlook express") and not mail.has("x-mimeole"):
        found["mua.false_outlook"] = 1


def _manners(found: Amounts, mail: Mail) -> None:
    spelled = {field.spelled for field in mail.header}
    types = mail.all("content-type")
    if types and not mail.has("mime-version"):
        found["mime.no_version"] = 1
    if spelled & {"MIME-version", "Content-type", "Message-id", "content-type", "FROM", "TO", "SUBJECT", "DATE"}:
        found["mime.odd_case"] = 1
    told = types[0] if types else ""
    if re.search(r"boundary=\"?(?:-{2,10}(?:[0-9A-Za-z]{4,}_?){1}\"?$|[A-Z0-9_]{20,}\"?$|=_\w{8}_[A-Z0-9]+\.\d)", told):
        found["boundary.odd"] = 1
    if re.search(r"charset\s*=\s*(?:\"\"|;|$|default|\"?iso-8859-1\"?\s*\w)", told, re.IGNORECASE):
        found["charset.odd"] = 1


def _hops(found: Amounts, mail: Mail) -> None:
    hops = [hop for hop in mail.all("received") if not _PRIVATE.search(hop.partition(" by ")[0][:300])]
    outside = [hop for hop in hops if hop.lstrip().lower().startswith("from")]
    if not outside:
        return
    if len(outside) == 1:
        found["hops.one"] = 1
    elif len(outside) > 3:
        found["hops.many"] = 1
    match = _FROM.match(outside[-1] if mail.has("list-id") else outside[0])
    if match is None:
        return
    called, told = match[1].strip("[]").lower(), (match[2] or match[3] or "").lower()
    if _NUMBER.match(match[1]):
        found["hops.address_name"] = 1
    # Home machines hand their mail to a provider's server; one that comes straight here is seldom a person's.
    if len(outside) == 1 and (_DIAL_UP.search(told) or _DIAL_UP.search(called)):
        found["hops.dial_up"] = 1
    named = re.search(r"(?:^|[\s@=])([a-z0-9-]+(?:\.[a-z0-9-]+)+)\s*\[", told)
    if named and "." in called and not _NUMBER.match(called) and place(named[1]) != place(called):
        found["hops.false_name"] = 1
    elif "unknown" in told[:30] or (called and "." not in called and "helo=" not in told):
        found["hops.false_name"] = 0.5
