"""Every test of the published suite for ARC sealing: the same fields come out, to the letter of each tag."""

from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mailock.core.authentication import sealing, signing, tags
from mailock.core.authentication.fields import as_crlf, split
from mailock.core.authentication.questions import KeyType
from mailock.core.authentication.signing import SigningKey
from mailock.engines.authentication import arithmetic
from tests.parts.data import unpack


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack("arc_test_suite", tmp_path_factory.mktemp("arc")) / "tests"


def sealed(told: dict[str, str], key: SigningKey, private: RSAPrivateKey) -> tuple[str, str, str]:
    """The seal, the message signature and the results; empty where no set is to be added."""
    message, now = split(as_crlf(told["message"].encode())[0]), int(told["t"])
    names = told["sig-headers"].split(":")
    try:
        prepared = sealing.prepare(message, message.fields, told["srv-id"], key, now=now, names=names)
    except sealing.NoSeal:
        return "", "", ""
    one = signing.finished(prepared.message, arithmetic.sign(private, prepared.message.digest))
    seal = sealing.seal(prepared, one, key, now=now)
    whole = signing.finished(seal, arithmetic.sign(private, seal.digest))
    seal_text, text, results = (field.decode().partition(":")[2] for field in (whole, one, prepared.results))
    return seal_text, text, results


def comparable(text: str) -> dict[str, str]:
    """Tags without the white space in their values."""
    return {name: tags.without_spaces(value) for name, value in tags.read(text.encode()).items()}


def test_all_sets_are_made_as_the_suite_says(suite: Path) -> None:
    count = 0
    for scenario in yaml.safe_load_all((suite / "arc-draft-sign-tests.yml").read_text(encoding="utf-8")):
        key = SigningKey(domain=scenario["domain"], selector=scenario["sel"], key_type=KeyType.RSA)
        private = load_pem_private_key(scenario["privatekey"].encode(), None)
        assert isinstance(private, RSAPrivateKey)
        for name, told in scenario["tests"].items():
            seal, one, results = sealed({part: str(text) for part, text in told.items()}, key, private)
            assert comparable(seal) == comparable(told["AS"] or ""), name
            assert comparable(one) == comparable(told["AMS"] or ""), name
            assert "".join(results.split()) == "".join((told["AAR"] or "").split()), name
            count += 1
    assert count == 17
