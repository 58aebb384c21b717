"""Where a letter leads its reader."""

import base64
from collections import Counter
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from mailock.core.evidence.links.target import Oddity, target
from mailock.core.evidence.quoting import quoted
from mailock.core.impersonation.identity import claimed
from mailock.core.impersonation.known import Known
from mailock.core.impersonation.letter import Lead, Letter
from mailock.core.impersonation.places import ODD_SUFFIXES, hosted, is_free
from mailock.core.impersonation.sign import Group, Sign
from mailock.core.impersonation.wording import plain
from mailock.core.mail.unseen import UNSEEN

_AROUND: Final = "\"'`´‘’‚“”„«»‹›()[]{}<>*.,;!…→>:|-–— \t\r\n\u00a0"
"""What may stand around a URL in the text of a link."""
_DOTS: Final = str.maketrans("\u2024\u3002\uff0e\uff61", "....")
_MOST_WORDS: Final = 12
_FEW_WORDS: Final = 25
"""Words of a letter below which a picture is the message."""
_MOST: Final = 60
"""Different links that are looked at closely."""
_BASE64_BEGINS: Final = 12


def leads(letter: Letter, known: Known, words: int) -> Iterator[Sign]:
    """The signs of its links; `words` is how many words its text has."""
    found = tuple({lead.url: lead for lead in letter.leads}.values())[:_MOST]
    authors = {letter.site_of(one.domain) for one in letter.authors if one.address}
    elsewhere = [lead for lead in found if lead.site not in authors]
    yield from _places(elsewhere, known)
    yield from _lookalikes(elsewhere, known)
    yield from _shown(elsewhere, letter, known, authors)
    yield from _brand_leads(found, authors, letter, known)
    yield from _addressed(elsewhere, letter)
    if found and letter.pictures and words < _FEW_WORDS and len(found) <= 4 and not letter.of_list:
        says = f"The message is a picture with a link to {quoted(found[0].host)}, and has {words} words."
        yield Sign("lure.picture", Group.DISGUISE, 1.0, says)


def strays(letter: Letter) -> bool:
    """Whether most of its links lead to another site than it says it comes from."""
    authors = {letter.site_of(one.domain) for one in letter.authors if one.address}
    sites = Counter(lead.site for lead in letter.leads)
    return bool(sites) and sum(count for site, count in sites.items() if site not in authors) * 2 > sites.total()


def _places(found: list[Lead], known: Known) -> Iterator[Sign]:
    for lead in found:
        if lead.address:
            yield Sign("lure.place", Group.PLACE, 2.0, f"A link leads to the bare address {quoted(lead.host)}.")
            return
    for lead in found:
        what = hosted(lead.url, lead.host)
        if what:
            says = f"A link leads to {what}, {quoted(lead.host)}."
            yield Sign("lure.place", Group.PLACE, 1.0, says)
            return
    for lead in found:
        if lead.site.rpartition(".")[2] in ODD_SUFFIXES or _made_up(lead.site):
            says = f"A link leads to {quoted(lead.site)}, a kind of name that costs nothing."
            yield Sign("lure.place", Group.PLACE, 0.7, says)
            return


def _made_up(site: str) -> bool:
    """Whether a name seems to come from a machine: many digits, or a run of consonants that nobody speaks."""
    label = site.partition(".")[0]
    digits = sum(letter.isdigit() for letter in label)
    run = longest = 0
    for letter in label:
        run = 0 if letter in "aeiouy-" or not letter.isalpha() else run + 1
        longest = max(longest, run)
    return (digits > 3 and digits * 2 >= len(label)) or longest > 6


def _lookalikes(found: list[Lead], known: Known) -> Iterator[Sign]:
    for lead in {lead.host: lead for lead in found}.values():
        if lead.address or known.owner(lead.site) or lead.site in known.own or lead.site in known.partners:
            continue
        for names in (known.own_names, known.partner_names, known.names):
            how = names.resemblance(lead.site)
            if how is not None and how.sure:
                says = f"A link leads to {quoted(lead.site)}, which {how.how} as {how.of}."
                yield Sign("impersonation.lookalike", Group.PLACE, 3.0, says)
                return
        name = _posed(lead, known)
        if name:
            says = f"A link leads to {quoted(lead.host, 120)}, where the name of {name} stands before another's."
            yield Sign("impersonation.cousin", Group.PLACE, 3.0, says)
            return


def _posed(lead: Lead, known: Known) -> str:
    """Whose name a host begins with, where it ends as somebody else's; empty where nobody's."""
    posed = known.posed(lead.host, lead.site)
    if posed is not None:
        return posed.of
    host = lead.host.removeprefix("www.")
    pieces = host.removesuffix(lead.site).replace("-", ".").split(".")
    brand = None
    if hosted(lead.url, lead.host):
        pieces += lead.site.partition(".")[0].split("-")
        brand = next((known.labels[name] for piece in pieces for name in known.labels if name in piece), None)
    elif "-" in host.removesuffix(lead.site):
        brand = next((known.labels[piece] for piece in pieces if piece in known.labels), None)
    return brand.name if brand is not None else ""


def _shown(found: list[Lead], letter: Letter, known: Known, authors: set[str]) -> Iterator[Sign]:
    """A link whose text is a domain that is neither where it leads nor where the letter comes from."""
    for lead in found:
        shown, alone = host_shown(lead.text)
        site = letter.site_of(shown) if shown else ""
        # A sender may count the clicks on his own links, whoever does it for him.
        if not site or "." not in site or site == lead.site or site in authors:
            continue
        brand = known.owner(site)
        if brand is not None and brand.owns(lead.site):
            continue
        protected = brand is not None or site in known.own or site in known.partners
        if not (protected or alone):
            continue
        says = f"A link shows {quoted(shown)} and leads to {quoted(lead.host)}."
        weight = (3.0 if alone else 1.0) if protected else 1.0
        yield Sign("lure.leads_elsewhere", Group.PLACE, weight, says)
        return


def host_shown(text: str) -> tuple[str, bool]:
    """The first host that a link's text shows, in lower case, and whether it shows nothing else; empty where none.

    A user that looks like a host is taken for one: `https://bank.example@evil.example` shows a bank.
    """
    words = text.translate(UNSEEN).translate(_DOTS).strip(_AROUND).split()[:_MOST_WORDS]
    for word in words:
        word = word.strip(_AROUND)
        is_url = word[:4].lower() == "http" or word.startswith("//")
        named = target(word if is_url else f"http://{word}") if "." in word else None
        if named is not None and is_url and Oddity.HOST_AS_USER in named.oddities:
            named = target("http://" + word.replace("\\", "/").partition("//")[2].partition("@")[0])
        if named is not None and "." in named.host and not named.address:
            return named.host, len(words) == 1 and (is_url or "@" not in word)
    return "", False


def _brand_leads(found: tuple[Lead, ...], authors: set[str], letter: Letter, known: Known) -> Iterator[Sign]:
    """A letter that says it comes from a brand, by its domain or its subject, and leads nowhere that is the brand's."""
    if not found or letter.of_list:
        return
    sites = {lead.site for lead in found}
    writers = [brand for one in sorted(authors) if not is_free(one) and (brand := known.owner(one))]
    if writers and not any(brand.owns(site) for brand in writers for site in sites):
        says = f"It says that it comes from {writers[0].name}, and no link leads there but to {quoted(found[0].host)}."
        yield Sign("lure.leads_elsewhere", Group.PLACE, 2.5, says)
        return
    subject = claimed(plain(letter.subject).replace(":", " ").replace("!", " "), known) if not writers else None
    if subject is not None and not any(subject.owns(site) for site in sites | authors):
        says = f"Its subject speaks for {subject.name}, and no link leads there but to {quoted(found[0].host)}."
        yield Sign("lure.leads_elsewhere", Group.PLACE, 1.0, says)


def _addressed(found: list[Lead], letter: Letter) -> Iterator[Sign]:
    """A link with the recipient's address in it, so that the page can greet him and fill in his name."""
    for one in letter.recipients[:8]:
        if len(one.address) < 6:
            continue
        encoded = base64.b64encode(one.address.encode("utf-8", "replace")).decode("ascii").rstrip("=")[:-1]
        for lead in found:
            url = unquote(lead.url)
            anchored = one.address in url.partition("#")[2].lower() or (
                len(encoded) > _BASE64_BEGINS and encoded in lead.url
            )
            if not anchored and one.address not in url.lower():
                continue
            # Newsletters do the same in the links by which one leaves them.
            leaves = letter.unsubscribes and not anchored
            says = f"A link to {quoted(lead.host)} carries the recipient's address."
            yield Sign("lure.addressed", Group.PLACE, 0.2 if leaves else 2.5 if anchored else 1.0, says)
            return
