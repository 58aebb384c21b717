"""In which country an address is: asked of a GeoIP file in the format of MaxMind DB, which the operator gives.

The file is looked at again once a minute, since such files are replaced every few days while the gateway runs; one that
cannot be read leaves the one before it in use. What stands in it is somebody's guess, and is never more than that: an
address that it does not know is in no country, and no rule about countries takes it.
(https://maxmind.github.io/MaxMind-DB/)
"""

import logging
import time
from pathlib import Path
from typing import Final

import maxminddb

LOOK_SECONDS: Final = 60.0
log = logging.getLogger(__name__)


class Countries:
    """The country of an address, by the file that stands. Without a file every address is in none."""

    def __init__(self, path: Path | None) -> None:
        """Reads the file. Raises OSError (a sentence) where it cannot be read or is no such file."""
        self._path = path
        self._reader: maxminddb.Reader | None = None
        self._stamp: tuple[int, int] | None = None
        self._look = 0.0
        if path is not None:
            self._read(path)

    @property
    def given(self) -> bool:
        """Whether there is a file."""
        return self._reader is not None

    def __call__(self, ip: str) -> str | None:
        """Two letters in upper case (ISO 3166-1); None for what the file does not know, and for what is no address."""
        self._renew()
        if self._reader is None:
            return None
        try:
            found = self._reader.get(ip)
        except ValueError:
            # What is no address, or one of IPv6 where the file has none.
            return None
        return _code(found)

    def _renew(self) -> None:
        now = time.monotonic()
        if self._path is None or now < self._look:
            return
        self._look = now + LOOK_SECONDS
        try:
            if _stamp(self._path) != self._stamp:
                self._read(self._path)
                log.info("the GeoIP file %s was read again", self._path)
        except OSError as fault:
            log.warning("the GeoIP file stays as it was: %s", fault)

    def _read(self, path: Path) -> None:
        try:
            stamp = _stamp(path)
            # Held in memory, so that whoever overwrites the file in its place changes nothing under us.
            reader = maxminddb.open_database(path, maxminddb.MODE_MEMORY)
        except (maxminddb.InvalidDatabaseError, UnicodeDecodeError) as fault:
            mend = "give one in the format of MaxMind DB, such as GeoLite2-Country.mmdb"
            raise OSError(f"[node] geoip: {path} is no GeoIP file ({fault}): {mend}") from fault
        except OSError as fault:
            raise OSError(f"[node] geoip: {path} cannot be read: {fault.strerror or fault}") from fault
        self._reader, self._stamp = reader, stamp


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_ino, status.st_mtime_ns


def _code(found: object) -> str | None:
    """From a record of any of the usual files: where it is, else where its network is registered."""
    if not isinstance(found, dict):
        return None
    for place in ("country", "registered_country"):
        inside = found.get(place)
        code = inside.get("iso_code") if isinstance(inside, dict) else inside
        if isinstance(code, str) and len(code) == 2 and code.isascii() and code.isalpha():
            return code.upper()
    return None
