"""Edits: changes that policy orders. Each is one change, and each leaves every octet that it does not name as it is."""

from dataclasses import dataclass
from enum import Enum

from mailock.core.mime.part import PartPath


class Place(Enum):
    """Where text is added to what the reader sees."""

    TOP = "top"
    BOTTOM = "bottom"


@dataclass(frozen=True, slots=True, kw_only=True)
class StripPart:
    """Puts a text in the place of a part. The part of an inner container (`1.2/zip:3`) takes its attachment along."""

    part: PartPath
    text: str
    name: str
    """The file name of the text that stands there afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceLink:
    """Puts another target, or a neutralised text, in the place of a link, wherever it stands in the part."""

    part: PartPath
    untrusted_raw: str
    """As it stands in the part, entities included."""
    replacement: str
    clickable: bool
    """Whether it may stay a link; where not, HTML keeps the text and loses the target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLink:
    """Has a link ask us before it leads on. It becomes a ReplaceLink where the copy is made: there are the keys that
    sign it. Where it cannot be made the link stays as it is, which is no reason to keep mail from its reader.
    """

    part: PartPath
    untrusted_raw: str
    """As it stands in the part, entities included."""
    untrusted_url: str
    """Where it leads in the end."""
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixSubject:
    """Puts a text before the subject; once only, replies do not pile it up."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetHeader:
    """Adds a header field on top; fields of that name that came from outside are taken out.

    Several for one name all stand there afterwards, in the order in which they were ordered.
    """

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveHeader:
    """Takes out the header fields of a name, all or those whose unfolded value begins with `beginning`."""

    name: str
    beginning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddText:
    """Adds a text to what the reader sees: a notice, a banner, the signature. Plain and HTML parts get it in their own
    charset; signed, encrypted and calendar parts never do.
    """

    text: str
    place: Place
    once_per_thread: bool = False
    html: str = ""
    """As it stands in HTML parts, markup of ours; where it is empty it is made of `text`."""


@dataclass(frozen=True, slots=True)
class ToSevenBit:
    """Writes what has 8-bit octets in a transfer encoding of 7 bits, for a next hop that takes no other. It is ordered
    alone, and made as a whole or not at all.
    """


Edit = StripPart | ReplaceLink | GuardLink | PrefixSubject | SetHeader | RemoveHeader | AddText | ToSevenBit


def shown(edit: Edit) -> str:
    """An edit in a few words, as logs and `mailock scan` print it: `strip 1.2`."""
    match edit:
        case StripPart():
            return f"strip {edit.part}"
        case ReplaceLink():
            return f"{'rewrite' if edit.clickable else 'neutralise'} link in {edit.part}"
        case GuardLink():
            return f"rewrite link in {edit.part}"
        case PrefixSubject():
            return f"prefix subject {edit.text}"
        case SetHeader():
            return f"set {edit.name}"
        case RemoveHeader():
            return f"remove {edit.name}"
        case AddText():
            return f"add text at the {edit.place.value}"
        case ToSevenBit():
            return "convert to 7bit"
