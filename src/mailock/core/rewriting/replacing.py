"""A text in the place of a part: the entity that stands there afterwards, and the octets that it takes the place of."""

from typing import Final

from mailock.core.mime.compose import base64_part, field, one_line, part
from mailock.core.mime.part import Anatomy, Part, Provenance, Span
from mailock.core.mime.splice import Replacement
from mailock.core.rewriting.edits import StripPart
from mailock.core.rewriting.fields import placed
from mailock.core.rewriting.places import extent, is_around

_UTF8: Final = "text/plain; charset=utf-8"
_LONGEST_NAME: Final = 100
_SAFE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-+@[]{}~!#$&")


def replacements(anatomy: Anatomy, part_: Part, edit: StripPart) -> list[Replacement]:
    """What puts the text of an edit in the place of a part. Text around parts is taken out."""
    if is_around(part_):
        return [Replacement(part_.body, b"")]
    boundaries = frozenset(boundary for each in anatomy.parts for boundary in each.boundaries)
    if part_.parent is None or part_.provenance is Provenance.RFC822:
        return _body_of_message(anatomy, part_, edit, boundaries)
    attached = not _is_read(part_)
    entity = _entity(edit, boundaries, attached=attached)
    return [Replacement(extent(part_), entity)]


def _body_of_message(
    anatomy: Anatomy, message: Part, edit: StripPart, boundaries: frozenset[bytes]
) -> list[Replacement]:
    """A message keeps its own fields, and gets the text for its body."""
    found = []
    versioned, ended = False, True
    for each in placed(anatomy.raw_header(message), message.header.start):
        # A line that is no field is the first of the body to some clients.
        if each.name.startswith("content-") or not each.name:
            found.append(Replacement(each.span, b""))
        else:
            ended = each.field.raw.endswith(b"\n")
        versioned = versioned or each.name == "mime-version"
    entity = _entity(edit, boundaries, attached=False)
    version = b"" if versioned else field("MIME-Version", "1.0")
    ending = b"" if ended else b"\r\n"
    found.append(Replacement(Span(message.header.end, message.body.end), ending + version + entity))
    return found


def _entity(edit: StripPart, boundaries: frozenset[bytes], *, attached: bool) -> bytes:
    """The fields and the text that stand there."""
    content = edit.text.encode("utf-8", "replace")
    plain = part(_UTF8, content)
    if any(b"--" + boundary in plain for boundary in boundaries):
        plain = base64_part(_UTF8, content)
    return disposition(edit.name, attached=attached) + plain


def disposition(untrusted_name: str, *, attached: bool) -> bytes:
    """A Content-Disposition field: shown with what is read, or attached under a name (RFC 2183, RFC 2231)."""
    if not attached:
        return field("Content-Disposition", "inline")
    name = "".join(
        letter if letter in _SAFE or not letter.isascii() else "_" for letter in one_line(untrusted_name)
    ).strip(" .")
    name = name[:_LONGEST_NAME] or "removed.txt"
    if name.isascii():
        return field("Content-Disposition", f'attachment; filename="{name}"')
    coded = "".join(_percent(octet) for octet in name.encode("utf-8", "replace"))
    return field("Content-Disposition", f"attachment; filename*=utf-8''{coded}")


def _percent(octet: int) -> str:
    letter = chr(octet)
    return letter if letter.isascii() and letter.isalnum() else f"%{octet:02X}"


def _is_read(part_: Part) -> bool:
    """Whether a part is something that is read in its place, and no attachment."""
    attached = any(word != "inline" for word in part_.dispositions) or bool(part_.untrusted_names)
    return not attached and part_.types[0].startswith(("text/", "multipart/"))
