"""Looks at PDF. A link in a document is ordinary; what starts by itself, or reaches out, is not."""

import io
from collections.abc import Iterator
from typing import Final

import pikepdf
import pikepdf.settings
import pypdfium2  # type: ignore[import-untyped]  # it ships no types

from mailock.core.evidence.finding import Child, Confidence, Severity, Shown, Sighting
from mailock.core.evidence.links.gathering import Gathering
from mailock.core.evidence.links.written import written
from mailock.core.evidence.payloads import kind
from mailock.core.evidence.quoting import quoted
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.evidence.specimen import Specimen
from mailock.engines.pdf.actions import Actions
from mailock.engines.pdf.kinds import MANIFEST
from mailock.engines.pdf.raw import Octets, octets
from mailock.engines.pdf.walk import Walk
from mailock.engines.suffixes import load, site

_MOST_OF_A_STREAM: Final = 96 << 20
_MOST_PASSWORDS: Final = 50
_TEXT_PAGES: Final = 10
_TEXT_OF_A_PAGE: Final = 100_000
_LARGEST_FOR_TEXT: Final = 32 << 20
_HARMLESS_APPENDIX: Final = 2048
_CHECKED: Final = frozenset({"/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/SubmitForm", "/GoToE", "/ImportData"})


class Pdf:
    """Finds what a PDF does, where it leads, and what is packed in it."""

    manifest: Final = MANIFEST

    def __init__(self) -> None:
        load()
        # Process-wide, and meant so: whatever opens a PDF in this process keeps to them.
        pikepdf.settings.set_qpdf_limits(
            flate_max_memory=_MOST_OF_A_STREAM,
            run_length_max_memory=_MOST_OF_A_STREAM,
            png_max_memory=_MOST_OF_A_STREAM,
            tiff_max_memory=_MOST_OF_A_STREAM,
            dct_max_memory=_MOST_OF_A_STREAM,
            parser_max_container_size=2_000_000,
            doc_max_warnings=5000,
        )

    def look(self, specimen: Specimen) -> Iterator[Sighting]:
        """What there is to see in the document, and in its octets."""
        gathering = Gathering(MANIFEST.name, specimen.part, site)
        seen = octets(specimen.content)
        yield from _outside(specimen.content, seen, gathering)
        try:
            pdf, password = _open(specimen)
        except Unfinished:
            yield from _octets_only(seen, gathering)
            raise
        actions = Actions(gathering, specimen.purse, site)
        with pdf:
            if pdf.is_encrypted:
                says = "The document is encrypted" + (
                    ", with a password of the message." if password else ", for nobody."
                )
                level = Severity.SUSPICIOUS if password else Severity.NOTE
                yield from gathering.finding("pdf.encrypted", level, Confidence.LOW, says)
            unfinished = None
            try:
                for node in Walk(pdf).dictionaries():
                    yield from actions.see(node)
            except Unfinished as met:
                unfinished = met
            except (pikepdf.PdfError, RuntimeError, RecursionError) as error:
                unfinished = Unfinished(Why.UNREADABLE, f"It could not be read to its end: {_reason(error)}.")
            if pdf.get_warnings():
                says = "The document is broken; it was read as mended."
                yield from gathering.finding("pdf.broken", Severity.NOTE, Confidence.LOW, says)
        yield from _summed(actions, seen, gathering)
        yield from _shown(specimen.content, password, gathering)
        yield from _unpacked(actions, specimen, password)
        cut = unfinished or actions.cut
        if cut is not None:
            raise cut


def _open(specimen: Specimen) -> tuple[pikepdf.Pdf, str]:
    """The document, and the password that it was opened with."""
    for password in ("", *specimen.whole.words[:_MOST_PASSWORDS]):
        try:
            return pikepdf.Pdf.open(io.BytesIO(specimen.content), password=password, suppress_warnings=True), password
        except pikepdf.PasswordError:
            continue
        except (pikepdf.PdfError, RuntimeError, ValueError) as error:
            raise Unfinished(Why.UNREADABLE, f"No reader of PDF can open it: {_reason(error)}.") from error
    raise Unfinished(Why.ENCRYPTED, "The document has a password, and none that was tried opens it.")


def _reason(error: Exception) -> str:
    """What a library complains of, without its own names for the document."""
    return quoted(str(error).rpartition(": ")[2], 150)


def _outside(content: bytes, seen: Octets, gathering: Gathering) -> Iterator[Sighting]:
    """What stands around the document, and how its names are written."""
    for name in sorted(seen.hexed):
        says = f"The name {name} is written in hexadecimal."
        yield from gathering.finding("pdf.hidden_name", Severity.SUSPICIOUS, Confidence.MEDIUM, says)
    before = kind(content) if seen.header_at > 0 else ""
    behind = kind(content[content.rfind(b"%%EOF") + 5 :].lstrip()) if seen.appended else ""
    if seen.header_at > 0 or seen.appended > _HARMLESS_APPENDIX or behind:
        level = Severity.SUSPICIOUS if before or behind else Severity.NOTE
        what = f" ({before or behind})" if before or behind else ""
        says = f"{max(0, seen.header_at)} octets stand before the document, {seen.appended} behind it{what}."
        yield from gathering.finding("pdf.appended", level, Confidence.MEDIUM, says)
    if seen.revisions > 2:
        says = f"The document has {seen.revisions} states, one on top of the other."
        yield from gathering.finding("pdf.revisions", Severity.NOTE, Confidence.MEDIUM, says)


def _octets_only(seen: Octets, gathering: Gathering) -> Iterator[Sighting]:
    """What can be said of a document that cannot be opened."""
    for name in sorted(seen.names & _CHECKED):
        says = f"{name} stands in the document, which cannot be opened here."
        yield from gathering.finding("pdf.disagreement", Severity.SUSPICIOUS, Confidence.LOW, says)
    for uri in seen.untrusted_uris:
        yield from gathering.add(uri.decode("latin-1"), Shown.INSIDE)


def _summed(actions: Actions, seen: Octets, gathering: Gathering) -> Iterator[Sighting]:
    if actions.links:
        says = f"The document leads to {actions.links} places."
        yield from gathering.finding("pdf.link", Severity.NOTE, Confidence.HIGH, says)
    unmet = (seen.names & _CHECKED) - actions.names
    if unmet:
        says = f"{', '.join(sorted(unmet))} stand in the octets, but not in the document as it is read."
        yield from gathering.finding("pdf.disagreement", Severity.SUSPICIOUS, Confidence.LOW, says)
    for uri in seen.untrusted_uris:
        yield from gathering.add(uri.decode("latin-1"), Shown.INSIDE)


def _shown(content: bytes, password: str, gathering: Gathering) -> Iterator[Sighting]:
    """Links that are only written on the first pages: readers make links of them by themselves."""
    if len(content) > _LARGEST_FOR_TEXT:
        return
    try:
        document = pypdfium2.PdfDocument(content, password=password or None)
    except pypdfium2.PdfiumError:
        return  # qpdf mended it, this reader does not show it: nothing is written there for anybody
    try:
        for number in range(min(len(document), _TEXT_PAGES)):
            try:
                shown = document[number].get_textpage().get_text_bounded()[:_TEXT_OF_A_PAGE]
            except pypdfium2.PdfiumError:
                continue  # a page that does not load shows nothing
            for found in written(shown, site):
                yield from gathering.add(found.untrusted_raw, Shown.INSIDE, untrusted_url=found.untrusted_url)
    finally:
        document.close()


def _unpacked(actions: Actions, specimen: Specimen, password: str) -> Iterator[Child]:
    content = specimen.content
    end = content.rfind(b"%%EOF") + 5
    behind = content[end:].lstrip()
    if end > 5 and kind(behind):
        yield Child(provenance="pdf", content=behind)
    for file in actions.files:
        encrypted = bool(password)
        yield (
            Child(provenance="pdf", content=file.content, untrusted_name=file.untrusted_name, encrypted=encrypted)
            if encrypted
            else file
        )
