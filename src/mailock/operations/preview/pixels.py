"""Pictures as bare pixels. It runs in the jail: decoders of pictures are where hostile files aim."""

import io
from typing import Final

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
from PIL import Image, UnidentifiedImageError

from mailock.operations.preview.wire import LONGEST_SIDE, Pixels

FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "ICO")
MOST_PIXELS: Final = 40_000_000
_UNDER: Final = (255, 255, 255)


def load() -> None:
    """Loads the decoders, which cannot be done later in a jail without files."""
    Image.init()


def pixels(part: str, content: bytes) -> Pixels:
    """A picture, or the first page of a PDF, made small enough; with a sentence where it cannot be read."""
    try:
        picture = _page(content) if content[:1024].find(b"%PDF-") >= 0 else _picture(content)
    except (UnidentifiedImageError, pypdfium2.PdfiumError):
        return Pixels(part=part, unreadable="it is no picture that can be read")
    except (OSError, ValueError, SyntaxError, MemoryError, EOFError, IndexError, Image.DecompressionBombError) as fault:
        return Pixels(part=part, unreadable=f"it is broken or too large ({type(fault).__name__})")
    return Pixels(part=part, width=picture.width, height=picture.height, rgb=picture.tobytes())


def _picture(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        # A JPEG is decoded at a fraction of its size where that is enough.
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        opened.load()
        clear = opened.convert("RGBA")
    clear.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    under = Image.new("RGB", clear.size, _UNDER)
    under.paste(clear, mask=clear.getchannel("A"))
    return under


def _page(content: bytes) -> Image.Image:
    with pypdfium2.PdfDocument(content) as document:
        page = document[0]
        scale = min(2.0, LONGEST_SIDE / max(page.get_width(), page.get_height(), 1.0))
        image: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        return image
