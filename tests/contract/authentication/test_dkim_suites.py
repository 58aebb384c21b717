"""Signed messages of other projects, named after what is to be found: every one is found so.

Most of Mail::DKIM's are from the years of SHA-1, short keys and drafts. RFC 8301 forbids to take such for valid: where
its suite says pass, ours says `policy`, which tells that the signature fits and why that is not enough.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailock.core.authentication import dkim_bytes, dkim_check
from mailock.core.authentication.dkim_check import Dkim
from mailock.core.authentication.fields import as_crlf, split
from mailock.core.authentication.zone import Zone, read
from tests.contract.authentication.worlds import NOW, asked
from tests.parts.data import unpack

FITS = {"pass", "policy"}
DOES_NOT = {"fail", "permerror", "temperror"}
APART = {
    "multiple_1.txt": ["fail", "policy", "permerror", "fail"],
    "multiple_2.txt": ["permerror", "policy", "fail", "permerror"],
    "ignore_7.txt": ["policy"],  # it fits, and has expired
}


@pytest.fixture(scope="module")
def mail_dkim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack("mail-dkim", tmp_path_factory.mktemp("dkim")) / "t"


@pytest.fixture(scope="module")
def keys(mail_dkim: Path) -> Zone:
    return read(dict(fake_dns((mail_dkim / "FAKE_DNS.dat").read_text(encoding="utf-8"))))


def fake_dns(text: str) -> Iterator[tuple[str, object]]:
    """The names of Mail::DKIM's own zone."""
    for line in text.splitlines():
        name, _, value = line.strip().partition(" ")
        value = value.strip()
        if not name or name.startswith("#") or value == "NXDOMAIN":
            continue
        yield name, ["TIMEOUT"] if value.startswith("~~") else [["TXT", value.strip('"')]]


def results(message: bytes, zone: Zone, *, now: float = NOW) -> list[Dkim]:
    """What each signature is worth, from the top."""
    hashed = dkim_bytes.hashed(split(as_crlf(message)[0]))
    return [asked(dkim_check.check(one, now), zone) for one in hashed]


def test_the_corpus_of_mail_dkim(mail_dkim: Path, keys: Zone) -> None:
    counted, wrong = 0, []
    for file in sorted((mail_dkim / "corpus").glob("*.txt")):
        ours = results(file.read_bytes(), keys)
        said = [one.result.value for one in ours]
        name = file.name
        if "_dk_" in name or name.startswith("dk_"):
            fine = not said  # DomainKeys, historic since RFC 5863: there is no DKIM signature in them
        elif name.startswith("good_ietf00"):
            fine = said == ["permerror"]  # a draft that had no hash of the body yet
        elif name in APART:
            fine = said == APART[name]
        elif name.startswith(("good", "mine", "no_body")):
            fine = bool(said) and set(said) <= FITS
        else:
            fine = bool(said) and set(said) <= DOES_NOT
        counted += 1
        if not fine:
            wrong.append(f"{name}: {[(one.result.value, one.reason) for one in ours]}")
    assert counted == 79
    assert not wrong, "\n".join(wrong)


def test_only_what_rfc_8301_accepts_passes(mail_dkim: Path, keys: Zone) -> None:
    for file in sorted((mail_dkim / "corpus").glob("*.txt")):
        for one in results(file.read_bytes(), keys):
            if one.result.value == "pass":
                assert one.algorithm.endswith("sha256")
                assert one.bits >= 1024 or one.algorithm == "ed25519-sha256"


def test_a_key_that_cannot_be_fetched_is_temporary(mail_dkim: Path, keys: Zone) -> None:
    for name in ("badkey_14.txt", "badkey_15.txt"):
        assert [one.result.value for one in results((mail_dkim / "corpus" / name).read_bytes(), keys)] == ["temperror"]


@pytest.mark.parametrize(
    "name", ["dkim/001.txt", "dkim/002.txt", "dkim/003.txt", "dkim/004.txt", "dkim/005.txt", "dkim/006.txt"]
)
def test_the_messages_of_mail_auth_hold(tmp_path: Path, name: str) -> None:
    found = unpack("stalwart-mail-auth", tmp_path) / "resources" / name
    head, _, message = found.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
    zone = read({line.partition(" ")[0]: [["TXT", line.partition(" ")[2]]] for line in head.decode().splitlines()})
    said = [one.result.value for one in results(message, zone, now=1_667_843_664.0)]
    assert said and set(said) == {"pass"}, said
