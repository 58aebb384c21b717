"""Looks for codes that a telephone reads. A link in a code is ordinary on a poster, and odd in a mail."""

import re
from collections.abc import Iterator
from typing import Final

import zxingcpp
from PIL import Image

from mailock.core.evidence.filetype import Family
from mailock.core.evidence.finding import Confidence, Severity, Shown, Sighting
from mailock.core.evidence.links import gathering
from mailock.core.evidence.links.gathering import Gathering
from mailock.core.evidence.links.target import WEB, target
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.quoting import quoted
from mailock.core.evidence.specimen import Specimen
from mailock.core.mime.charsets import texts
from mailock.engines.qr.drawn import in_tables, in_text
from mailock.engines.qr.pictures import frames, load, pages
from mailock.engines.suffixes import load as load_suffixes
from mailock.engines.suffixes import site

MANIFEST: Final = Manifest(
    name="qr",
    version="1",
    where=Where.JAILED,
    scope=Scope.PART,
    duty=Duty.SPAM,  # a picture that cannot be decoded is no program, and broken ones are common
    families=frozenset({Family.IMAGE, Family.PDF, Family.TEXT, Family.HTML}),
    largest=64 << 20,
    seconds=20.0,
    kinds=gathering.KINDS
    | {
        "qr.link": "A code that a telephone reads leads to a page of the Web.",
        "qr.lure": "A code with a link on a page that speaks of passwords, sign-in or a code to be scanned.",
        "qr.drawn": "A code that is drawn with letters or table cells, where filters see no picture.",
        "qr.other": "A code with something else than a link to a page.",
    },
)
_CODES: Final = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.MicroQRCode,
        zxingcpp.BarcodeFormat.RMQRCode,
        zxingcpp.BarcodeFormat.Aztec,
        zxingcpp.BarcodeFormat.DataMatrix,
    ]
)
_LURE: Final = re.compile(
    r"password|passwort|mot de passe|contraseña|sign[ -]?in|log[ -]?in|authenticat|verif|2fa|mfa|expire|"
    r"scan (?:the|this)|qr[ -]?code|docusign|payroll|credential|two-factor",
    re.IGNORECASE,
)
_MOST_TEXT: Final = 2 << 20


class Qr:
    """Finds codes in pictures, on pages of PDF, in text and tables."""

    manifest: Final = MANIFEST

    def __init__(self) -> None:
        load()
        load_suffixes()

    def look(self, specimen: Specimen) -> Iterator[Sighting]:
        """The codes of a part, and where they lead."""
        found = Gathering(MANIFEST.name, specimen.part, site)
        match specimen.type.family:
            case Family.IMAGE:
                for frame in frames(specimen.content):
                    yield from _read(frame, found, "a picture")
            case Family.PDF:
                for page, text in pages(specimen.content):
                    yield from _read(page, found, "a page", text)
            case _:
                yield from _drawn(specimen, found)


def _drawn(specimen: Specimen, found: Gathering) -> Iterator[Sighting]:
    content = specimen.content
    if specimen.type.family is Family.HTML and content[:_MOST_TEXT].lower().count(b"<td") >= 168:
        for text in texts(content[:_MOST_TEXT], specimen.charsets)[:2]:
            for picture in in_tables(text):
                yield from _read(picture, found, "a table", drawn=True)
    if content.isascii() and not any(charset.lower().startswith(("utf-7", "utf-16")) for charset in specimen.charsets):
        return  # block letters are no ASCII, and nearly all text ends here
    for text in texts(content[:_MOST_TEXT], specimen.charsets)[:2]:
        for picture in in_text(text):
            yield from _read(picture, found, "letters", drawn=True)


def _read(
    picture: Image.Image, found: Gathering, where: str, text: str = "", *, drawn: bool = False
) -> Iterator[Sighting]:
    for code in zxingcpp.read_barcodes(picture, formats=_CODES):
        untrusted = code.text
        url = "http://" + untrusted if untrusted[:4].lower() == "www." else untrusted
        leads = target(url)
        if drawn:
            says = f"A code is drawn with {where}: {quoted(untrusted, 120)}."
            yield from found.finding("qr.drawn", Severity.SUSPICIOUS, Confidence.MEDIUM, says, 1.0)
        if leads is None or leads.scheme not in WEB:
            says = f"A code in {where} says {quoted(untrusted, 120)}."
            yield from found.finding("qr.other", Severity.NOTE, Confidence.HIGH, says, 0.1)
        else:
            says = f"A code in {where} leads to {quoted(leads.untrusted_url, 160)}."
            yield from found.finding("qr.link", Severity.NOTE, Confidence.HIGH, says, 0.5)
            if text and (lure := _LURE.search(text)) is not None:
                says = f"A code with a link stands on a page that says {quoted(lure[0])}."
                yield from found.finding("qr.lure", Severity.SUSPICIOUS, Confidence.LOW, says, 1.5)
        if leads is not None and leads.host:
            yield from found.add(untrusted, Shown.INSIDE, untrusted_url=url if url != untrusted else "")
