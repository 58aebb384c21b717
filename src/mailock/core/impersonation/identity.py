"""Who a letter says it is from, against the address that it comes from."""

from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.quoting import quoted
from mailock.core.impersonation.brands import COMMON_WORDS, Brand, apart
from mailock.core.impersonation.domains import ADDED
from mailock.core.impersonation.known import Known, words_of
from mailock.core.impersonation.letter import Letter, Writer
from mailock.core.impersonation.listing import words
from mailock.core.impersonation.places import is_free
from mailock.core.impersonation.sign import Group, Sign
from mailock.core.impersonation.wording import plain, spoken

MOST_WRITERS: Final = 8
OFFICES: Final = words(
    "support service services team security billing accounts account admin administrator administration helpdesk"
    " desk bank customer care department office notification notifications payroll hr invoice ceo cfo director"
    " president webmail mailbox server system postmaster kundenservice kundendienst sicherheit verwaltung"
    " buchhaltung personalabteilung servicio soporte atencion cliente assistance direction comptabilite servizio"
    " assistenza clienti banco suporte voice mail mailer scanner fax xerox portal docs it copier alert alerts update"
    " verification fedex lottery foundation united nations imf fbi ministry attorney barrister"
)
"""Words in a name that say an office, not a person."""
_BUSINESS: Final = ADDED | OFFICES | words("inc ltd llc gmbh corp corporation company the your via and of for")


def identity(letter: Letter, known: Known) -> Iterator[Sign]:
    """The signs of its senders."""
    for writer in letter.authors[:MOST_WRITERS]:
        site = letter.site_of(writer.domain)
        names = spoken(writer.name)
        name = names[0]
        yield from _brand(writer, names, site, known, letter)
        yield from _domain(writer, site, known)
        yield from _person(writer, names, known)
        yield from _recipient(writer, name, site, letter, known)
        yield from _named(writer, name, site, letter)
        yield from _office(writer, name)
    yield from _answers(letter)


def claimed(name: str, known: Known) -> Brand | None:
    """The brand that a name, folded, claims to be; None where it claims none."""
    text = apart(name)
    for brand in known.brands:
        for phrase in brand.phrases:
            if phrase not in text:
                continue
            others = set(text.split()) - set(phrase.split())
            if phrase.strip() not in COMMON_WORDS or all(_is_business(word) for word in others):
                return brand
    return None


def _is_business(word: str) -> bool:
    return word in _BUSINESS or len(word) < 3 or not word.isalpha()


def _brand(writer: Writer, names: tuple[str, ...], site: str, known: Known, letter: Letter) -> Iterator[Sign]:
    brand = next((brand for name in names if (brand := claimed(name, known)) is not None), None)
    if brand is None or not writer.address or (brand.owns(site) and not is_free(writer.domain)):
        return
    if site in known.own or site in known.partners:
        return
    # Whoever writes through a list has his name before the list's address ("Anna via PayPal Users").
    weight = 1.0 if letter.of_list else 3.0
    says = (
        f"The sender calls himself {quoted(writer.name)}, and {brand.name} does not write from {quoted(writer.domain)}."
    )
    yield Sign("impersonation.brand", Group.IDENTITY, weight + (1.0 if is_free(writer.domain) else 0.0), says)


def _domain(writer: Writer, site: str, known: Known) -> Iterator[Sign]:
    """A sender's domain that passes for another."""
    if not site or is_free(writer.domain) or site in known.own or site in known.partners:
        return
    posed = known.posed(writer.domain, site)
    if posed is not None:
        says = f"The sender's domain {quoted(writer.domain, 120)} has the name of {posed.of} before another's."
        yield Sign("impersonation.lookalike", Group.IDENTITY, 5.0 if posed.ours else 4.0, says)
        return
    for ours, whose in ((known.own_names, "our"), (known.partner_names, "a partner's")):
        found = ours.resemblance(site)
        if found is not None:
            kind = "impersonation.lookalike" if found.sure else "impersonation.cousin"
            says = f"The sender's domain {quoted(site)} {found.how} as {whose} {found.of}."
            yield Sign(kind, Group.IDENTITY, 5.0 if found.sure else 2.5, says)
            return
    found = None if known.owner(site) else known.names.resemblance(site)
    if found is not None:
        kind = "impersonation.lookalike" if found.sure else "impersonation.cousin"
        says = f"The sender's domain {quoted(site)} {found.how} as {found.of}."
        yield Sign(kind, Group.IDENTITY, 4.0 if found.sure else 1.5, says)


def _person(writer: Writer, names: tuple[str, ...], known: Known) -> Iterator[Sign]:
    spoken_words = [words_of(name) for name in names]
    for person in known.people:
        bears = len(person.words) > 1 and any(person.words <= words for words in spoken_words)
        if bears and writer.address not in person.addresses:
            says = f"The sender calls himself {quoted(writer.name)}, and {quoted(writer.address)} is not that person's."
            yield Sign("impersonation.person", Group.IDENTITY, 5.0, says)
            return


def _recipient(writer: Writer, name: str, site: str, letter: Letter, known: Known) -> Iterator[Sign]:
    """A sender who names himself after the one he writes to: "example.com Mail Team"."""
    if not name or letter.of_list or site in known.own:
        return
    ours = next((own for own in known.own if own in name), "") if site not in known.partners else ""
    if ours:
        says = f"The sender calls himself {quoted(writer.name)}, after our {ours}, and writes from {quoted(site)}."
        yield Sign("impersonation.recipient", Group.IDENTITY, 3.0, says)
        return
    for one in letter.recipients[:MOST_WRITERS]:
        theirs = letter.site_of(one.domain)
        if not one.address or theirs == site or is_free(one.domain):
            continue
        label = theirs.partition(".")[0]
        words = name.replace("-", " ").replace("_", " ").split()
        whole = one.address in name or theirs in name or one.domain in name
        if whole or (len(label) > 4 and label in words and len(set(words) & OFFICES) > 0):
            says = (
                f"The sender calls himself {quoted(writer.name)}, after the recipient, and writes from {quoted(site)}."
            )
            yield Sign("impersonation.recipient", Group.IDENTITY, 3.0, says)
            return


def _named(writer: Writer, name: str, site: str, letter: Letter) -> Iterator[Sign]:
    for word in name.replace("<", " ").replace(">", " ").replace('"', " ").replace("(", " ").split():
        domain = word.rpartition("@")[2].strip(".,;:'")
        if "@" not in word[1:] or "." not in domain or letter.of_list:
            continue
        named = letter.site_of(domain)
        if named != site and any(named == letter.site_of(one.domain) for one in letter.recipients):
            continue  # told by `_recipient`
        if named != site:
            says = f"The sender's name is the address {quoted(word)}, and he writes from {quoted(site)}."
            yield Sign("impersonation.named_address", Group.IDENTITY, 2.0, says)
            return


def _office(writer: Writer, name: str) -> Iterator[Sign]:
    if is_free(writer.domain) and (said := sorted(set(name.replace(".", " ").split()) & OFFICES)):
        says = f"An office ({quoted(said[0])}) writes from the free mail provider {quoted(writer.domain)}."
        yield Sign("impersonation.free_mail", Group.IDENTITY, 1.5, says)


def _answers(letter: Letter) -> Iterator[Sign]:
    """Where an answer would go, and whether this is one."""
    if letter.of_list:
        return
    authors = {letter.site_of(one.domain) for one in letter.authors if one.address}
    elsewhere = [one for one in letter.reply_to if one.address and letter.site_of(one.domain) not in authors]
    if authors and elsewhere:
        free = is_free(elsewhere[0].domain)
        says = f"Answers would go to {quoted(elsewhere[0].address)}, which is not where it comes from."
        yield Sign(
            "impersonation.reply_to",
            Group.IDENTITY,
            (2.0 if any(is_free(one.domain) for one in letter.authors) else 1.5) if free else 0.3,
            says,
        )
    if not letter.answers and plain(letter.subject).startswith(
        ("re:", "aw:", "fw:", "fwd:", "wg:", "sv:", "tr:", "rv:")
    ):
        yield Sign("impersonation.thread", Group.IDENTITY, 0.5, "It says that it is an answer, and names no message.")
