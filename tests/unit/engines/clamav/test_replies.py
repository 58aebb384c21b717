"""What clamd says is read for what it is; what it never says is nonsense, and never taken for OK."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailock.core.evidence.finding import Severity
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mime.part import PartPath
from mailock.engines.clamav.replies import KINDS, read_numbered, read_verdict, read_version

PART = PartPath("1.2")


def refused(text: str) -> Why:
    """Why a reply is no verdict."""
    with pytest.raises(Unfinished) as raised:
        read_verdict(text, PART)
    return raised.value.why


@pytest.mark.parametrize(
    ("name", "kind", "severity"),
    [
        ("Win.Test.EICAR_HDB-1", "clamav.signature", Severity.MALICIOUS),
        ("Test.Needle.UNOFFICIAL", "clamav.signature", Severity.MALICIOUS),
        ("PUA.Win.Tool.Packed-1", "clamav.pua", Severity.SUSPICIOUS),
        ("Heuristics.Phishing.Email.SpoofedDomain", "clamav.phishing", Severity.SUSPICIOUS),
        ("Heuristics.Encrypted.Zip", "clamav.encrypted", Severity.NOTE),
        ("Heuristics.OLE2.ContainsMacros.VBA", "clamav.heuristic", Severity.NOTE),
        ("Heuristics.Something.New", "clamav.heuristic", Severity.SUSPICIOUS),
        ("odd name with FOUND in it", "clamav.signature", Severity.MALICIOUS),
    ],
)
def test_a_signatures_name_tells_how_dangerous_it_is_and_is_kept(name: str, kind: str, severity: Severity) -> None:
    (finding,) = read_verdict(f"stream: {name} FOUND", PART)
    assert (finding.kind, finding.severity, finding.part) == (kind, severity, PART)
    assert name in finding.evidence
    assert kind in KINDS


def test_ok_is_nothing_found() -> None:
    assert read_verdict("stream: OK", PART) == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("INSTREAM size limit exceeded. ERROR", Why.TOO_LARGE),
        ("stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND", Why.TOO_COSTLY),
        ("stream: Heuristics.Limits.Exceeded.MaxScanTime.UNOFFICIAL FOUND", Why.TIMED_OUT),
        ("stream: Time limit reached ERROR", Why.TIMED_OUT),
        ("stream: Can't allocate memory ERROR", Why.DIED),
        ("ok", Why.NONSENSE),
        ("stream: OK ", Why.NONSENSE),
        ("stream: ", Why.NONSENSE),
        ("other: OK", Why.NONSENSE),
        ("stream:  FOUND", Why.NONSENSE),
        ("", Why.NONSENSE),
    ],
)
def test_what_was_not_a_whole_scan_is_incomplete(text: str, why: Why) -> None:
    assert refused(text) is why


@given(st.text().filter(lambda text: text != "stream: OK"))
def test_nothing_but_ok_is_ever_clean(text: str) -> None:
    try:
        assert read_verdict(text, PART)
    except Unfinished:
        pass


@given(st.binary(max_size=50))
def test_any_octets_are_a_numbered_reply_or_nonsense(octets: bytes) -> None:
    try:
        number, _ = read_numbered(octets)
    except Unfinished as unfinished:
        assert unfinished.why is Why.NONSENSE
    else:
        assert octets.startswith((b"%d" % number, b"0"))


def test_a_version_has_its_date_and_an_old_one_is_noted() -> None:
    version = read_version("ClamAV 1.4.6/27823/Mon Nov 23 09:12:00 2026\n")
    assert version.dated is not None
    assert version.notes(version.dated + 86_400) == ()
    assert "are 9 days old" in version.notes(version.dated + 9 * 86_400)[0]
    assert "no official signatures" in read_version("ClamAV 1.4.6").notes(0)[0]
    for nonsense in ("clamav", "ClamAV 1.4.6/x/y", "ClamAV 1.4.6/27823/not a date at all", "1: PONG"):
        with pytest.raises(Unfinished):
            read_version(nonsense)
