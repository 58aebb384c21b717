"""Contents for engines to look at, without a message around them."""

from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.specimen import Purse, Specimen, Whole
from mailock.core.mime.parse import parse
from mailock.core.mime.part import PartPath

OTHER = FileType(family=Family.OTHER, name="bin", media="application/octet-stream")


def specimen(content: bytes, *, name: str = "", type_: FileType = OTHER) -> Specimen:
    """A content as part 1.2 of some message."""
    return Specimen(
        part=PartPath("1.2"),
        content=content,
        type=type_,
        untrusted_names=(name,) if name else (),
        declared=(),
        charsets=(),
        provenance="mime",
        whole=Whole(anatomy=parse(b"Subject: a\r\n\r\nb\r\n"), subject="a"),
        purse=Purse(octets=1 << 20, files=100, depth=4),
    )
