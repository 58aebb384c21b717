"""A preview as others read it: as JSON, and as lines for a terminal."""

import base64
from collections.abc import Iterator

from mailock.operations.track import Json
from mailock.ports.viewer import Block, BlockKind, Picture, Preview


def preview_table(preview: Preview) -> dict[str, Json]:
    """As JSON. Pictures are PNG files in base64; `text` is the same as `passages`, for who wants words alone."""
    return {
        "parts": [
            {"part": one.part, "type": one.media, "name": one.name, "size": one.size, "other_reading": one.other}
            for one in preview.pieces
        ],
        "passages": [
            {
                "part": one.part,
                "type": one.media,
                "blocks": [_block(block) for block in one.blocks],
                "text": "\n".join(_words(one.blocks)),
                "cut": one.cut,
                "read_otherwise_too": one.differs,
            }
            for one in preview.passages
        ],
        "pictures": [_picture(one) for one in preview.pictures],
        "notes": list(preview.notes),
    }


def _block(block: Block) -> dict[str, Json]:
    runs: list[Json] = [{"text": run.text, "strong": run.strong, "leads": run.leads} for run in block.runs]
    return {"kind": block.kind.value, "part": block.part, "runs": runs}


def _picture(picture: Picture) -> dict[str, Json]:
    png = base64.b64encode(picture.png).decode("ascii")
    return {"part": picture.part, "width": picture.width, "height": picture.height, "png": png}


def _words(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        if block.kind is BlockKind.PICTURE:
            yield f"[picture of part {block.part}]"
            continue
        yield "".join(run.text + (f" <{run.leads}>" if run.leads else "") for run in block.runs)
