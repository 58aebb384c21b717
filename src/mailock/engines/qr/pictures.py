"""Pictures in shades of grey, out of the files that mail carries, within bounds: pixels, frames, pages."""

import io
from collections.abc import Iterator
from typing import Final

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
from PIL import Image, ImageFile, ImageSequence

from mailock.core.evidence.report import Unfinished, Why

MOST_PIXELS: Final = 64_000_000
MOST_FRAMES: Final = 4
MOST_PAGES: Final = 5
_LONGEST_SIDE: Final = 1600
"""Pixels of a rendered page: a code of a tenth of the page's width is still legible."""
_LARGEST_DRAFT: Final = 3000
_SMALLEST: Final = 21
"""Modules of the smallest QR code, and so its pixels."""
FORMATS: Final = (
    "PNG",
    "JPEG",
    "GIF",
    "BMP",
    "WEBP",
    "TIFF",
    "ICO",
    "PPM",
    "TGA",
    "DIB",
    "JPEG2000",
    "AVIF",
    "PCX",
    "SGI",
    "QOI",
    "CUR",
    "PSD",
)
_LARGEST_PDF: Final = 32 << 20


def load() -> None:
    """Loads the decoders. It has to be done while there is a file system."""
    Image.init()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def frames(content: bytes) -> Iterator[Image.Image]:
    """The first frames of a picture. Raises Unfinished where it is too large or no decoder reads it."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if min(picture.size) < _SMALLEST:
                return
            if picture.width * picture.height > MOST_PIXELS:
                raise Unfinished(Why.TOO_COSTLY, f"The picture has more than {MOST_PIXELS} pixels.")
            picture.draft("L", (_LARGEST_DRAFT, _LARGEST_DRAFT))
            for number, frame in enumerate(ImageSequence.Iterator(picture)):
                if number >= MOST_FRAMES:
                    break
                _decode(frame)
                yield from _grey(frame)
    except Image.DecompressionBombError as error:
        raise Unfinished(Why.TOO_COSTLY, f"The picture has more than {MOST_PIXELS} pixels.") from error
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, NotImplementedError) as error:
        # Pillow's decoders raise all of these for broken pictures.
        raise Unfinished(Why.UNREADABLE, f"The picture cannot be decoded: {type(error).__name__}.") from error


def _decode(frame: Image.Image) -> None:
    """Decodes a frame, also one that is cut off: clients show what there is of it."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        frame.load()
    finally:
        # For this picture only: who makes pictures anew has to know when one is cut off.
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _grey(frame: Image.Image) -> Iterator[Image.Image]:
    """A frame on white; one that can be seen through on black too, since the reader's page may be either."""
    if frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
        clear = frame.convert("LA")
        for shade in (255, 0):
            under = Image.new("L", frame.size, shade)
            under.paste(clear.getchannel("L"), mask=clear.getchannel("A"))
            yield under
    else:
        yield frame.convert("L")


def pages(content: bytes) -> Iterator[tuple[Image.Image, str]]:
    """The first pages of a PDF, and what is written on each. Yields nothing where it cannot be opened: the PDF engine
    says that.
    """
    if len(content) > _LARGEST_PDF:
        return
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        return
    try:
        for number in range(min(len(document), MOST_PAGES)):
            try:
                page = document[number]
                longest = max(page.get_width(), page.get_height(), 1.0)
                picture = page.render(scale=min(4.0, _LONGEST_SIDE / longest), grayscale=True).to_pil()
                text = page.get_textpage().get_text_bounded()[:20_000]
            except (pypdfium2.PdfiumError, ValueError):
                continue  # a page that does not load shows nothing
            yield picture.convert("L"), text
    finally:
        document.close()
