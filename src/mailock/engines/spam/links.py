"""Traits of the links: where they lead, how they are written, and whose they say that they are."""

import binascii
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from mailock.engines.spam.heads import Amounts, address_of, domain_of
from mailock.engines.spam.mail import Mail
from mailock.engines.spam.names import ABROAD, BRANDS, CHEAP, HOSTING, SHORT, is_of
from mailock.engines.spam.pages import Page
from mailock.engines.spam.wording import is_random
from mailock.engines.suffixes import place, site

_WRITTEN: Final = re.compile(
    r"[hfwHFW](?i:(?:(?<=h)ttps?|(?<=f)tp)://[^\s<>\"'\]})]{3,2000}|"
    r"(?<=w)(?<![\w@./-]w)ww\.[a-z0-9-]+\.[^\s<>\"'\]})]{2,2000})"
)
_PARTS: Final = re.compile(
    r"^(https?|ftp)://(?:([^/@?#\s]*)@)?(\[[0-9a-f:.]+\]|[^/:?#\s]+)?(?::(\d+))?([/?#].*)?$", re.IGNORECASE | re.DOTALL
)
_NUMBER: Final = re.compile(r"^(?:\d{1,3}(?:\.\d{1,3}){3}|\d{8,10}|0x[0-9a-f]{6,8}|\[.*\])$", re.IGNORECASE)
_SIGN_IN: Final = re.compile(
    r"(?:^|[^a-z])(?:log-?in|sign-?in|log-?on|verif\w*|webscr|e?banking|wallet|recover\w*|unlock|validat\w*|suspend\w*|"
    r"webmail|owa|ebayisapi|secure-?\w*|my-?account|account-?\w*update|password-?reset)(?:[^a-z]|$)",
    re.IGNORECASE,
)
_INSIDE: Final = re.compile(
    r"/(?:wp-(?:content|includes|admin)|\.well-known|cgi-bin/.*/|images?/[^?]*\.(?:php|html?)|components/|modules/|~\w+/)",
    re.IGNORECASE,
)
_PROGRAM: Final = re.compile(
    r"\.(?:exe|scr|zip|rar|js|vbs|bat|msi|iso|apk|pif|com/[a-z]+\.exe)(?:$|[?#])", re.IGNORECASE
)
_REDIRECT: Final = re.compile(
    r"[?&=/](?:url|u|to|dest|redirect|target|goto|link|q|r)=?https?(?::|%3a)|/\*https?:|[?&]adurl=", re.IGNORECASE
)
_AFFILIATE: Final = re.compile(
    r"[?&](?:aff\w*|aid|hop|partner(?:id)?|wid|afid)=|/(?:aff|affiliate|ref)/", re.IGNORECASE
)
_UNSUBSCRIBE: Final = re.compile(r"unsub|optout|opt-out|remove|preferences|abmeld|desinscr|manage", re.IGNORECASE)
_HOST_SHOWN: Final = re.compile(r"^\s*(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,12})(?:[/?\s]|$)", re.IGNORECASE)
MOST: Final = 60
"""Different links that are looked at."""


class Leads:
    """The links of a message, taken apart once."""

    def __init__(self, mail: Mail, page: Page) -> None:
        texts = (match[0].rstrip(".,;:!)") for text in mail.texts for match in _WRITTEN.finditer(text))
        shown = (anchor.untrusted_url for anchor in page.anchors)
        everything = dict.fromkeys((*shown, *texts))
        self.urls = [one for one in everything if one[:4].lower() in ("http", "www.", "ftp:")][:MOST]
        self.parts = [found for one in self.urls if (found := _taken_apart(one)) is not None]
        self.hosts = [host for _, host, _, _ in self.parts]
        self.sites = {place(host) for host in self.hosts}


def _taken_apart(url: str) -> tuple[str, str, str, str] | None:
    """User, host, port and tail."""
    if url[:4].lower() == "www.":
        url = f"http://{url}"
    match = _PARTS.match(url)
    if match is None or not match[3]:
        return None
    return match[2] or "", unquote(match[3]).lower().rstrip("."), match[4] or "", match[5] or ""


def links(mail: Mail, page: Page, leads: Leads) -> Amounts:
    """The traits that are there."""
    found: Amounts = {}
    if not leads.parts:
        found["link.none"] = 1
    else:
        own = domain_of(mail.first("from"))
        _where(found, own, leads)
        for user, host, port, tail in leads.parts:
            _one(found, user, host, port, tail)
            # Where an author's own links lead is his own affair, unless his whole domain speaks of signing in.
            path = tail.partition("?")[0]
            elsewhere = not own or place(host) != place(own)
            if _SIGN_IN.search(host) or (elsewhere and _SIGN_IN.search(path)):
                found["link.sign_in"] = 1
    _for_reader(found, mail, leads)
    _shown(found, page)
    _pictures(found, page)
    return found


def _where(found: Amounts, own: str, leads: Leads) -> None:
    if len(leads.sites) == 1:
        found["link.one_site"] = 1
    elif len(leads.sites) > 4:
        found["link.sites"] = 1
    if own and place(own) in leads.sites:
        found["link.own"] = 1
    else:
        found["link.elsewhere"] = 1


def _one(found: Amounts, user: str, host: str, port: str, tail: str) -> None:
    registered = place(host)
    top = host.rpartition(".")[2]
    label = registered.partition(".")[0]
    path = tail.partition("?")[0]
    below = host.removesuffix(registered).rstrip(".")
    marks = {
        "link.number": bool(_NUMBER.match(host)),
        "link.port": port not in ("", "80", "443"),
        "link.user": bool(user),
        "link.escaped": tail.count("%") > 8 and len(re.findall(r"%[2-7][0-9a-f]", tail[:300], re.IGNORECASE)) > 8,
        "link.cheap": top in CHEAP,
        "link.abroad": top in ABROAD,
        "link.random": is_random(label) or (bool(below) and any(is_random(one) for one in below.split("."))),
        "link.deep": host.count(".") > 4 or label.count("-") > 2 or len(label) > 24,
        "link.hosting": not HOSTING.isdisjoint(_ends(host)),
        "link.short": registered in SHORT or host in SHORT,
        "link.redirect": bool(_REDIRECT.search(tail)),
        "link.broken_site": bool(_INSIDE.search(path)),
        "link.affiliate": bool(_AFFILIATE.search(tail)),
        "link.program": bool(_PROGRAM.search(path)),
        "link.unsubscribe": bool(_UNSUBSCRIBE.search(tail)),
        "link.ipfs": "/ipfs/" in tail or ".ipfs." in host,
    }
    found.update({name: 1.0 for name, is_there in marks.items() if is_there})
    words = set(re.split(r"[^a-z]+", f"{host} {path.lower()[:80]}"))
    if any(not is_of(registered, word) and registered not in SHORT for word in words & _LONG_BRANDS):
        found["link.brand"] = 1


_WORDS: Final = (
    "booking orange poste allegro chase regions steam google outlook apple facebook youtube instagram linkedin telegram"
    " discord amazon visa"
)
_ORDINARY: Final = frozenset(_WORDS.split())
_LONG_BRANDS: Final = frozenset(one for one in BRANDS if len(one) > 4) - _ORDINARY
"""Names that stand in no ordinary address of somebody else."""


def _ends(host: str) -> set[str]:
    """A host without its first labels: the public suffix list counts some places for anybody as suffixes."""
    labels = host.split(".")
    return {".".join(labels[-many:]) for many in (2, 3, 4)}


def _for_reader(found: Amounts, mail: Mail, leads: Leads) -> None:
    """Whether a link carries its reader's address, plainly or in base64."""
    address = address_of(mail.first("to"))
    if len(address) < 6 or address_of(mail.first("from")) == address:
        return
    coded = binascii.b2a_base64(address.encode(), newline=False).decode().rstrip("=")[:-1]
    for url in leads.urls:
        if address in unquote(url).lower() or (len(coded) > 8 and coded in url):
            found["link.recipient"] = 1
            return


def _shown(found: Amounts, page: Page) -> None:
    for anchor in page.anchors:
        shown = _HOST_SHOWN.match(anchor.untrusted_text)
        parts = _taken_apart(anchor.untrusted_url)
        if shown is None or parts is None:
            continue
        told, real = site(shown[1].lower()), place(parts[1])
        if told is not None and told != real:
            found["link.says_other"] = 1
            return


def _pictures(found: Amounts, page: Page) -> None:
    remote = [one for one in page.pictures if one[:4].lower() == "http"]
    if remote:
        found["image.remote"] = 1
    if any(re.search(r"track|open|pixel|beacon|[?&]u?id=|1x1|spacer", one, re.IGNORECASE) for one in remote):
        found["image.counter"] = 1


def tokens(leads: Leads) -> Iterable[str]:
    """Words for the classifier that learns: hosts, their sites and ends, and the first steps of paths."""
    for _, host, _, tail in leads.parts:
        yield f"h:{host}"
        yield f"s:{place(host)}"
        yield f"t:{host.rpartition('.')[2]}"
        for piece in re.findall(r"[A-Za-z]{3,20}", tail[:200])[:6]:
            yield f"p:{piece.lower()}"
