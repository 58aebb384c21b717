"""What the scanning bench sends: an ordinary mail of our day, mail of all sorts, and one with a thousand packed files.

Messages are whole, with CRLF, and not yet dot-stuffed. Mail of all sorts is real mail of a public collection, which is
not part of this project; it goes to loopback only, and nothing here looks into it.
"""

import base64
import io
import random
import re
import struct
import tarfile
import zipfile
import zlib
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final

from mailock.testing.bench.programs import CannotMeasureError
from mailock.testing.bench.talk import DOMAIN, SENDER

COLLECTION: Final = "spamassassin-npm.tar.xz"
_IS_MAIL: Final = re.compile(r"/data/[a-z]+(-ham)?-\d/[^/]+\.txt$")
_SEED: Final = 20_261_124
_WORDS: Final = re.findall(
    r"[a-z]+",
    "about account after agreed answer before budget building change client contract customer date decision delivery "
    "detail document draft early figure following forward group happy hour idea important invoice last letter little "
    "market meeting message minute month morning number office open order other people plan please point price "
    "project question quarter reason report request result review schedule second section send service signed "
    "summary supplier system team thank their thing think this through today together tomorrow update version week "
    "with work would write year your",
)


def typical() -> bytes:
    """About 12 KiB: text, the same as HTML with a few links, and a small picture beside them, as most mail comes."""
    chance = random.Random(_SEED)
    paragraphs = [_sentences(chance, 7) for _ in range(6)]
    links = [
        f"https://www.sender-{number}.test/{chance.choice(_WORDS)}?id={chance.getrandbits(40)}" for number in (1, 2, 3)
    ]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Anna Sender <{SENDER}>"
    mail["To"] = f"Recipient <recipient@{DOMAIN}>"
    mail["Subject"] = "Minutes of the meeting, and what we agreed on"
    mail["Date"] = "Tue, 24 Nov 2026 09:12:44 +0000"
    mail["Message-ID"] = "<20261124091244.7731@client.bench.test>"
    mail["User-Agent"] = "Bench 1.0"
    mail.set_content("\n\n".join([*paragraphs, *links]) + "\n", cte="quoted-printable")
    body = "".join(f'<p style="margin:0 0 12px">{text}</p>\n' for text in paragraphs)
    body += "".join(f'<p><a href="{link}">{chance.choice(_WORDS)} {chance.choice(_WORDS)}</a></p>\n' for link in links)
    page = (
        "<html><head><style>p { font: 14px/20px sans-serif; color: #222 }</style></head>\n"
        f'<body><table width="600"><tr><td>{body}<img src="cid:logo@client.bench.test">'
        "</td></tr></table></body></html>\n"
    )
    mail.add_alternative(page, subtype="html", cte="quoted-printable")
    html = mail.get_payload(1)
    assert isinstance(html, EmailMessage)
    html.add_related(_picture(chance), "image", "png", cid="<logo@client.bench.test>", filename="logo.png")
    for number, whole in enumerate((mail, html)):
        # What the library would make up is different each time.
        whole.set_boundary(f"----=_part_{number}_7731")
    return mail.as_bytes()


def all_sorts(folder: Path | None, count: int) -> tuple[bytes, ...]:
    """`count` different real mails, ham and spam mixed. Raises CannotMeasureError where the collection is not there."""
    archive = None if folder is None else folder / COLLECTION
    if archive is None or not archive.is_file():
        raise CannotMeasureError(
            f"it needs {COLLECTION}, the SpamAssassin public corpus as one archive: name its folder with --data"
        )
    found: list[bytes] = []
    with tarfile.open(archive) as opened:
        for member in opened:
            if _IS_MAIL.search(member.name) and (file := opened.extractfile(member)) is not None:
                found.append(_with_crlf(file.read()))
    # Mail that we would refuse at the door, or that is twice in the collection, compares nothing.
    found = [one for one in dict.fromkeys(found) if b"\0" not in one and max(map(len, one.split(b"\r\n"))) < 998]
    if len(found) < count:
        raise CannotMeasureError(f"{archive} has {len(found)} fitting mails, and {count} are wanted")
    return tuple(random.Random(_SEED).sample(found, count))


def thousand_files(size: int, files: int) -> bytes:
    """A message of about `size` bytes with one zip of so many files, half of them text that packs and half that does
    not.
    """
    chance = random.Random(_SEED)
    # Base64 takes 4 bytes for 3, and a line end each 57.
    room = size * 57 // 78 // files
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(files):
            if number % 2:
                archive.writestr(f"scan-{number}.dat", chance.randbytes(room * 3 // 2))
            else:
                archive.writestr(f"note-{number}.txt", (_sentences(chance, 80) + "\n") * (room // 1500))
    short = size * 57 // 78 - packed.tell()
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("rest.dat", chance.randbytes(max(0, short)))
    content = base64.encodebytes(packed.getvalue()).replace(b"\n", b"\r\n")
    head = (
        f"From: <{SENDER}>\r\nTo: <recipient@{DOMAIN}>\r\nSubject: the files\r\nMIME-Version: 1.0\r\n"
        "Date: Tue, 24 Nov 2026 09:12:44 +0000\r\nMessage-ID: <files@client.bench.test>\r\n"
        'Content-Type: application/zip; name="files.zip"\r\nContent-Transfer-Encoding: base64\r\n'
        'Content-Disposition: attachment; filename="files.zip"\r\n\r\n'
    )
    return head.encode() + content


def stuffed(content: bytes) -> bytes:
    """As it goes over the wire: dots doubled at the beginnings of lines, and the end of the data (RFC 5321 4.5.2)."""
    whole = content if content.endswith(b"\r\n") else content + b"\r\n"
    return (b"\r\n" + whole).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


def _sentences(chance: random.Random, count: int) -> str:
    return " ".join(" ".join(chance.choices(_WORDS, k=12)).capitalize() + "." for _ in range(count))


def _picture(chance: random.Random) -> bytes:
    """A PNG of 32 × 16 points of noise: 1.6 KiB (PNG, 3rd edition, chapter 5)."""
    width, height = 32, 16
    lines = b"".join(b"\0" + chance.randbytes(3 * width) for _ in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def _with_crlf(octets: bytes) -> bytes:
    whole = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if whole.startswith(b"From "):
        whole = whole.partition(b"\n")[2]
    return whole.replace(b"\n", b"\r\n")
