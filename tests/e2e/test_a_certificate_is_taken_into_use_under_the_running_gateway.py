"""`mailock certificate` imports, refuses, lists and removes, and the gateway that runs follows without a restart."""

import datetime
import json
import smtplib
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from mailock.net.identity import Material
from mailock.net.selfsigned import self_signed
from tests.parts.ports import LOOPBACK, answers, free_port
from tests.parts.programs import private_dir, running

CONFIGURATION = """\
[node]
hostname = "mx.test"
data = "{folder}/data"
[mta]
port = {port}
interfaces = ["127.0.0.1"]
[[mta.forwarding]]
next_hop = "0.0.0.0"
"""


class Site:
    """A folder with a policy file, in which commands are run."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        (folder / "mailock.toml").write_text(CONFIGURATION.format(folder=folder, port=port))

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of `mailock certificate …`."""
        done = subprocess.run(
            [sys.executable, "-m", "mailock", "certificate", *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    @contextmanager
    def gateway(self) -> Iterator[None]:
        """The gateway, while it runs."""
        command = [sys.executable, "-m", "mailock", "run", "mailflow", "-c", str(self.folder / "mailock.toml")]
        with running(command, output=self.folder / "out", ready=lambda: answers(LOOPBACK, self.port)):
            yield

    def shown(self) -> str:
        """The name in the certificate that a client is shown after STARTTLS."""
        with smtplib.SMTP(LOOPBACK, self.port, timeout=10) as client:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            client.starttls(context=context)
            assert isinstance(client.sock, ssl.SSLSocket)
            der = client.sock.getpeercert(binary_form=True)
        assert der is not None
        found = x509.load_der_x509_certificate(der).extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return found.value.get_values_for_type(x509.DNSName)[0]

    def give(self, name: str, material: Material, password: str) -> str:
        """Writes a PKCS#12 file, and `pw` with its password."""
        assert isinstance(material.key, ec.EllipticCurvePrivateKey)
        content = pkcs12.serialize_key_and_certificates(
            None, material.key, material.certificate, None, serialization.BestAvailableEncryption(b"open")
        )
        (self.folder / name).write_bytes(content)
        (self.folder / "pw").write_text(password + "\n")
        return name


@pytest.fixture
def site() -> Iterator[Site]:
    with private_dir("certificate") as folder:
        yield Site(folder, free_port())


def identity(*names: str, days: int = 30) -> Material:
    return self_signed(names, now=datetime.datetime.now(datetime.UTC), days=days)


def test_the_running_gateway_follows_imports_and_removals(site: Site) -> None:
    with site.gateway():
        code, out, _ = site.run(
            "import", site.give("mx.pfx", identity("mx.test", "one.test"), "open"), "--password-file=pw"
        )
        assert code == 0
        assert out.splitlines()[0].startswith("mx.test  until ")
        assert out.splitlines()[-1] == "in use from now on"
        assert site.shown() == "mx.test"

        # A refused one changes nothing, in the store and in the gateway.
        wrong = site.give("new.pfx", identity("one.test"), "shut")
        assert site.run("import", wrong, "--password-file=pw") == (
            2,
            "",
            "mailock: the password does not open new.pfx, or the file is damaged\n",
        )
        code, _, err = site.run("import", site.give("new.pfx", identity("one.test"), "open"), "--password-file=pw")
        assert (code, err) == (
            2,
            (
                "mailock: new.pfx is made out for one.test, not for mx.test"
                " (where it is meant for another name, say --host NAME)\n"
            ),
        )
        assert site.shown() == "mx.test"

        # With sockets open before and after: the listener was never closed.
        with socket.create_connection((LOOPBACK, site.port), timeout=10) as before:
            assert before.recv(4) == b"220 "
            new = site.give("new.pfx", identity("first.test", "mx.test", days=60), "open")
            assert site.run("import", new, "--password-file=pw", "--name=mx.test")[0] == 0
            assert site.shown() == "first.test"
            before.sendall(b"NOOP\r\n")
            assert b"220" not in before.recv(100)

        assert site.run("remove", "mx.test")[0] == 0
        assert site.run("remove", "mx.test")[0] == 2
        assert site.run("list")[0] == 1


def test_without_a_gateway_it_is_stored_for_the_next_start(site: Site) -> None:
    (site.folder / "data").mkdir()
    material = identity("mx.test")
    (site.folder / "certificate.pem").write_bytes(material.certificate.public_bytes(serialization.Encoding.PEM))
    (site.folder / "key.pem").write_bytes(
        material.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    code, _, err = site.run("import", "certificate.pem")
    assert (code, err) == (2, "mailock: certificate.pem holds no private key: name the file that does with --key\n")
    code, out, _ = site.run("import", "certificate.pem", "--key=key.pem", "--json")
    assert code == 0
    imported = json.loads(out)
    assert imported["name"] == "mx.test"
    assert imported["names"] == ["mx.test"]
    assert imported["in_use"] is False
    assert imported["notes"] == ["it is self-signed: senders that verify certificates will not trust it"]
    code, out, _ = site.run("list", "--json")
    assert code == 0
    (listed,) = [json.loads(line) for line in out.splitlines()]
    assert listed["sha256"] == imported["sha256"]
    with site.gateway():
        assert site.shown() == "mx.test"


def test_a_file_that_is_not_there_is_named(site: Site) -> None:
    code, _, err = site.run("import", "gone.pfx")
    assert (code, err) == (2, "mailock: gone.pfx cannot be read: No such file or directory\n")
