"""The country of an address, from a GeoIP file that is replaced while it is read."""

from pathlib import Path

import pytest

from mailock.net import geoip
from mailock.net.geoip import Countries
from tests.parts.mmdb import write_countries


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file."""
    return write_countries(
        tmp_path / "countries.mmdb",
        {"192.0.2.0/25": "DE", "192.0.2.128/25": "AT", "198.51.100.7/32": "FR", "2001:db8::/32": "JP"},
    )


def test_each_network_has_its_country(file: Path) -> None:
    country = Countries(file)
    assert country.given
    asked = ("192.0.2.1", "192.0.2.200", "198.51.100.7", "198.51.100.8", "2001:db8::1", "2001:db9::1", "unknown", "")
    assert [country(ip) for ip in asked] == ["DE", "AT", "FR", None, "JP", None, None, None]


def test_a_file_that_was_replaced_is_read_again_and_a_broken_one_is_not_taken(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(geoip, "LOOK_SECONDS", 0.0)
    country = Countries(file)
    write_countries(file, {"192.0.2.0/24": "US"})
    assert country("192.0.2.1") == "US"
    file.write_bytes(b"no longer a file of that kind")
    assert country("192.0.2.1") == "US"
    assert "stays as it was" in caplog.text
    file.unlink()
    assert country("192.0.2.1") == "US"


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    country = Countries(None)
    assert not country.given
    assert country("192.0.2.1") is None
    with pytest.raises(OSError, match=r"geoip: .*missing.mmdb cannot be read: No such file"):
        Countries(tmp_path / "missing.mmdb")
    (tmp_path / "text").write_text("hello")
    with pytest.raises(OSError, match=r"is no GeoIP file .*GeoLite2-Country.mmdb"):
        Countries(tmp_path / "text")
