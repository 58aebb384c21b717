"""Every test of the published suite for ARC validation."""

from pathlib import Path

import pytest
import yaml

from mailock.core.authentication import arc_bytes, arc_check, zone
from mailock.core.authentication.fields import as_crlf, split
from tests.contract.authentication.worlds import NOW, asked
from tests.parts.data import unpack


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack("arc_test_suite", tmp_path_factory.mktemp("arc")) / "tests"


def test_all_chains_are_validated_as_the_suite_says(suite: Path) -> None:
    count, wrong = 0, []
    for scenario in yaml.safe_load_all((suite / "arc-draft-validation-tests.yml").read_text(encoding="utf-8")):
        keys = zone.read({name: [["TXT", text]] for name, text in scenario["txt-records"].items()})
        for name, told in scenario["tests"].items():
            message = split(as_crlf(told["message"].encode())[0])
            ours = asked(arc_check.check(arc_bytes.chain(message), NOW), keys)
            # Three chains whose newest seals say cv=fail have no expected result; RFC 8617 section 5.2 says fail.
            expected = told["cv"].strip().lower() or "fail"
            if ours.result.value != expected:
                wrong.append(f"{name}: {ours.result.value} ({ours.reason}), expected {expected}")
            count += 1
    assert count == 171
    assert not wrong, "\n".join(wrong)
