"""Changed mail, octet for octet as it was agreed on. MAILOCK_WRITE_GOLDEN=1 writes the files anew."""

import os
from pathlib import Path

import pytest

from mailock.core.mime.parse import parse
from mailock.core.mime.part import PartPath
from mailock.core.rewriting.carry import Remade, carry_out
from mailock.core.rewriting.edits import AddText, Edit, Place, PrefixSubject, RemoveHeader, ReplaceLink, SetHeader
from mailock.core.rewriting.edits import StripPart as Strip
from mailock.core.rewriting.orders import Orders

FOLDER = Path(__file__).parent / "rewriting"
MAIL = (
    b"Received: from partner.example by mx.ours.example\r\n"
    b"From: =?utf-8?q?Ann_=C3=84ngstr=C3=B6m?= <ann@partner.example>\r\nTo: bob@ours.example\r\n"
    b"Subject: Re: =?iso-8859-1?Q?Rechnung_f=FCr?= November\r\nX-Mailock-Verdict: benign\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="outer"\r\n\r\nThis is a message in several parts.\r\n'
    b'--outer\r\nContent-Type: multipart/alternative; boundary="inner"\r\n\r\n'
    b"--inner\r\nContent-Type: text/plain; charset=iso-8859-1; format=flowed\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"Guten Tag, die Rechnung f=FCr November: \r\nhttp://bad.example/pay?a=3D1&b=3D2\r\n\r\n-- =20\r\nAnn\r\n"
    b"--inner\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"PGh0bWw+PGJvZHk+PHA+R3V0ZW4gVGFnPC9wPjxhIGhyZWY9Imh0dHA6Ly9iYWQuZXhhbXBsZS9w\r\n"
    b"YXk/YT0xJmFtcDtiPTIiPnphaGxlbjwvYT48L2JvZHk+PC9odG1sPg0K\r\n--inner--\r\n"
    b'--outer\r\nContent-Type: application/vnd.ms-excel; name="Rechnung.xls"\r\nContent-Transfer-Encoding: base64\r\n'
    b'Content-Disposition: attachment; filename="Rechnung.xls"\r\n\r\n0M8R4KGxGuEAAAAAAAAA\r\n'
    b"--outer\r\nContent-Type: text/plain; name=agb.txt\r\nContent-Disposition: attachment\r\n\r\nAGB\r\n--outer--\r\n"
)
BANNER = AddText(text="Von außen – mit Vorsicht zu genießen.", place=Place.TOP)
SIGNATURE = AddText(text="-- \nGeprüft von Mailock", place=Place.BOTTOM, html="<p>Geprüft von <b>Mailock</b></p>")


def link(part: str, raw: str) -> ReplaceLink:
    """A link that is broken."""
    gone = "hxxp[:]//bad[.]example/pay?a=1&b=2"
    return ReplaceLink(part=PartPath(part), untrusted_raw=raw, replacement=gone, clickable=False)


ORDERS: dict[str, tuple[Edit, ...]] = {
    "malicious": (
        Strip(
            part=PartPath("1.2/ole:1"), text="Die Datei Rechnung.xls wurde entfernt.", name="Rechnung.xls.removed.txt"
        ),
        PrefixSubject(text="[ENTSCHÄRFT]"),
        SetHeader(name="X-Mailock-Verdict", value="malicious; confidence=high"),
    ),
    "links": (
        link("1.1.1", "http://bad.example/pay?a=1&b=2"),
        link("1.1.2", "http://bad.example/pay?a=1&amp;b=2"),
    ),
    "texts": (BANNER, SIGNATURE),
    "fields": (PrefixSubject(text="[EXTERNAL]"), RemoveHeader(name="X-Mailock-Verdict")),
}


@pytest.mark.parametrize("name", ORDERS)
def test_the_message_is_changed_as_it_was_agreed_on(name: str) -> None:
    outcome = carry_out(MAIL, parse(MAIL), Orders(edits=ORDERS[name]))
    assert isinstance(outcome, Remade) and outcome.content is not None
    made = outcome.fields + outcome.content
    told = "".join(f"{sentence}\n" for sentence in outcome.receipt.sentences)
    files = {f"{name}.eml": made.replace(b"\r\n", b"\n"), f"{name}.txt": told.encode()}
    for file, octets in files.items():
        if os.environ.get("MAILOCK_WRITE_GOLDEN"):
            FOLDER.mkdir(exist_ok=True)
            (FOLDER / file).write_bytes(octets)
        assert octets == (FOLDER / file).read_bytes()
