"""What a body decodes to: by each encoding that it may be declared to have, in each tolerant way of that encoding."""

from mailock.core.mime import base64text, binhex, quotedprintable, uuencode, yenc
from mailock.core.mime.budget import Account
from mailock.core.mime.defects import Defect
from mailock.core.mime.part import How, Reading


def decode(raw: bytes, decoders: list[str], account: Account) -> tuple[list[Reading], set[Defect]]:
    """The readings of a body, the most likely first, without doubles, and what is wrong with it."""
    found: list[Reading] = []
    defects: set[Defect] = set()
    for decoder in decoders or ["identity"]:
        readings, defect = _by(decoder, raw)
        if defect is not None:
            defects.add(defect)
        if (defect is Defect.BROKEN_BASE64 or len(readings) > 1) and base64text.cut(raw):
            defects.add(Defect.AMBIGUOUS)
        if defect is Defect.BROKEN_QUOTED_PRINTABLE and quotedprintable.cut(raw):
            defects.add(Defect.AMBIGUOUS)
        for reading in readings:
            if len(found) >= account.budget.readings:
                return found, defects | {Defect.AMBIGUOUS}
            if any(reading.content == other.content for other in found):
                continue
            if not account.take(len(reading.content)):
                return found, defects | {Defect.TOO_LARGE}
            found.append(reading)
    return found, defects


def _by(decoder: str, raw: bytes) -> tuple[list[Reading], Defect | None]:
    match decoder:
        case "base64":
            readings, fine = base64text.readings(raw)
            if fine:
                return readings, None
            # Some clients show the text itself where they cannot decode it.
            return [*readings, Reading(How.IDENTITY, raw)], Defect.BROKEN_BASE64
        case "quoted-printable":
            readings, fine = quotedprintable.readings(raw)
            return readings, None if fine else Defect.BROKEN_QUOTED_PRINTABLE
        case "uuencode":
            files = uuencode.files(raw)
            if files:
                return [Reading(How.UUENCODE, file.content) for file in files], None
            content, fine = uuencode.decode(raw)
            return [Reading(How.UUENCODE, content)], None if fine else Defect.BROKEN_UUENCODE
        case "yenc":
            return _files(How.YENC, yenc.files(raw), raw), None
        case "binhex":
            return _files(How.BINHEX, binhex.files(raw) or binhex.bare(raw), raw), None
        case _:
            return [Reading(How.IDENTITY, raw)], None


def _files(how: How, files: list[uuencode.File], raw: bytes) -> list[Reading]:
    return [Reading(how, file.content) for file in files] or [Reading(How.IDENTITY, raw)]
