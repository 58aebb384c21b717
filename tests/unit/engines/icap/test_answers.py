"""What services say of themselves and of contents."""

import pytest

from mailock.core.evidence.finding import Severity
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mime.part import PartPath
from mailock.engines.icap.meaning import KINDS, named, refusal, replaced
from mailock.engines.icap.options import read_options
from mailock.engines.icap.wire import Head, Method, read_head

PART = PartPath("1.2")


def head(*fields: str, status: int = 200) -> Head:
    """A head with these fields."""
    return read_head("\r\n".join([f"ICAP/1.0 {status} Reason", *fields]).encode())


def test_options_say_what_a_service_can_do() -> None:
    options = read_options(
        head(
            "Methods: REQMOD, RESPMOD",
            "Service: Scanner 1.0",
            'ISTag: "abc"',
            "Allow: 204, trailers",
            "Preview: 2048",
            "Max-Connections: 7",
            "Options-TTL: 120",
        )
    )
    assert options.method is Method.RESPMOD
    assert (options.preview, options.may_204, options.connections, options.seconds) == (2048, True, 7, 120)
    assert options.version == "Scanner 1.0 abc"


def test_what_it_does_not_say_is_taken_carefully() -> None:
    options = read_options(head("Methods: REQMOD", "Options-TTL: 0", "Max-Connections: 0"))
    assert (options.method, options.preview, options.may_204) == (Method.REQMOD, None, False)
    assert (options.connections, options.seconds, options.version) == (None, 60, "")
    assert read_options(head("Methods: RESPMOD", "Options-TTL: 99999999")).seconds == 3600
    assert read_options(head("Methods: RESPMOD", "Preview: 999999999")).preview == 1 << 20


@pytest.mark.parametrize(
    ("answer", "why", "words"),
    [
        (head(status=404), Why.UNREACHABLE, "knows no such service"),
        (head(status=503), Why.UNREACHABLE, "503 Reason"),
        (head("Methods: FILEMOD"), Why.UNREACHABLE, "FILEMOD"),
        (head(), Why.UNREACHABLE, "neither RESPMOD nor REQMOD"),
        (head("Methods: RESPMOD", "Preview: many"), Why.NONSENSE, "preview: many"),
    ],
)
def test_a_service_that_can_do_nothing_for_us_is_named_with_the_mend(answer: Head, why: Why, words: str) -> None:
    with pytest.raises(Unfinished) as raised:
        read_options(answer)
    assert raised.value.why is why
    assert words in raised.value.detail


@pytest.mark.parametrize(
    ("field", "kind", "severity", "name"),
    [
        (
            "X-Infection-Found: Type=0; Resolution=2; Threat=EICAR Test;",
            "icap.infection",
            Severity.MALICIOUS,
            "EICAR Test",
        ),
        ("X-Infection-Found: Type=1; Resolution=0; Threat=No Macros;", "icap.policy", Severity.SUSPICIOUS, "No Macros"),
        ("X-Infection-Found: type=2; threat=Encrypted Archive", "icap.container", Severity.SUSPICIOUS, "Encrypted"),
        ("X-Virus-ID: Win.Trojan", "icap.infection", Severity.MALICIOUS, "Win.Trojan"),
        (
            "X-Violations-Found: 1\r\n\ta.zip\r\n\tEICAR\r\n\t0\r\n\t0",
            "icap.infection",
            Severity.MALICIOUS,
            "1 a.zip EICAR",
        ),
        ("X-Blocked-Reason: Infected", "icap.infection", Severity.MALICIOUS, "Infected"),
        ("X-Infection-Found: garbled", "icap.infection", Severity.MALICIOUS, "garbled"),
    ],
)
@pytest.mark.parametrize("status", [200, 204, 403])
def test_scanners_name_what_they_found_in_fields_of_their_own(
    field: str, kind: str, severity: Severity, name: str, status: int
) -> None:
    found = named("icap", PART, head(field, status=status))
    assert found is not None
    assert (found.kind, found.severity) == (kind, severity)
    assert name in found.evidence
    assert found.kind in KINDS


def test_a_limit_that_the_scanner_met_is_no_infection() -> None:
    with pytest.raises(Unfinished) as raised:
        named("icap", PART, head("X-Virus-ID: Heuristics.Limits.Exceeded.MaxFileSize"))
    assert raised.value.why is Why.TOO_COSTLY


def test_nothing_named_is_nothing_found() -> None:
    assert named("icap", PART, head("X-Violations-Found: 0", "ISTag: x")) is None
    assert named("icap", PART, head("X-Infection-Found: ")) is None


def test_something_else_in_its_place_is_malicious_with_less_confidence() -> None:
    found = replaced("icap", PART, "403 Forbidden\x1b[0m")
    assert (found.kind, found.severity) == ("icap.blocked", Severity.MALICIOUS)
    assert '("403 Forbidden\N{REPLACEMENT CHARACTER}[0m")' in found.evidence


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (404, Why.UNREACHABLE),
        (408, Why.TIMED_OUT),
        (413, Why.TOO_LARGE),
        (500, Why.DIED),
        (503, Why.UNREACHABLE),
        (403, Why.NONSENSE),
        (206, Why.NONSENSE),
        (302, Why.NONSENSE),
    ],
)
def test_any_other_status_is_no_scan(status: int, why: Why) -> None:
    refused = refusal(head(status=status))
    assert refused.why is why
    assert f"the ICAP server answered {status} Reason" in refused.detail
