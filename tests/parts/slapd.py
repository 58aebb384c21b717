"""slapd: an LDAP directory that we did not write, with a few people and groups."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts.certificates import Authority
from tests.parts.ports import LOOPBACK, answers, free_port
from tests.parts.programs import Running, checked, private_dir, program, running

SUFFIX = "dc=example,dc=test"
MANAGER = f"cn=manager,{SUFFIX}"
SECRET = "manager's words"
_CONFIG = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
TLSCACertificateFile {root}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
allow bind_anon_cred bind_anon_dn
database mdb
suffix "{suffix}"
rootdn "{manager}"
rootpw "{secret}"
directory {folder}/db
# So that a bind without a password would succeed, as with some directories.
access to attrs=userPassword by anonymous auth by * none
access to * by * read
"""
_PEOPLE = """\
dn: dc=example,dc=test
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=test
objectClass: organizationalUnit
ou: people

{people}
dn: cn=operators,dc=example,dc=test
objectClass: groupOfNames
cn: operators
member: uid=anna,ou=people,dc=example,dc=test
member: uid=carl,ou=people,dc=example,dc=test
member: uid=local,ou=people,dc=example,dc=test

dn: cn=administrators,dc=example,dc=test
objectClass: groupOfNames
cn: administrators
member: cn=nobody
"""
_PERSON = """\
dn: uid={name},ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: {name}
cn: {name}
sn: {sn}
mail: {name}@example.test
userPassword: {name}'s words

"""
PEOPLE = {"anna": "Ahlgren", "bob": "Twin", "carl": "Twin", "local": "Local"}


@dataclass(kw_only=True)
class Slapd:
    """A running instance. The certificate is for `localhost`, issued by `authority`."""

    port: int
    tls_port: int
    """Where TLS begins at once."""
    authority: Authority
    process: Running
    folder: Path

    @property
    def url(self) -> str:
        """Where it is, by the name in its certificate."""
        return f"ldap://localhost:{self.port}"

    def change(self, ldif: str) -> None:
        """What `ldapmodify` is to do, as the manager."""
        _modify(self.port, self.folder, ldif)

    def join(self, person: str, group: str, *, leave: str) -> None:
        """Moves somebody from one group to another."""
        self.change(
            f"dn: cn={group},{SUFFIX}\nchangetype: modify\nadd: member\nmember: uid={person},ou=people,{SUFFIX}\n\n"
            f"dn: cn={leave},{SUFFIX}\nchangetype: modify\ndelete: member\nmember: uid={person},ou=people,{SUFFIX}\n"
        )


@contextmanager
def slapd() -> Iterator[Slapd]:
    """One with everybody in it, as PEOPLE says; the password of NAME is "NAME's words"."""
    command = program("slapd", package="slapd")
    port, tls_port = free_port(), free_port()
    with private_dir("slapd") as folder:
        (folder / "db").mkdir()
        authority = Authority(folder)
        issued = authority.issue("localhost")
        config = folder / "slapd.conf"
        config.write_text(
            _CONFIG.format(
                folder=folder,
                root=authority.root,
                certificate=issued.certificate,
                key=issued.key,
                suffix=SUFFIX,
                manager=MANAGER,
                secret=SECRET,
            )
        )
        with running(
            [command, "-d", "0", "-f", str(config), "-h", f"ldap://{LOOPBACK}:{port}/ ldaps://{LOOPBACK}:{tls_port}/"],
            output=folder / "out",
            ready=lambda: answers(LOOPBACK, port),
        ) as process:
            people = "".join(_PERSON.format(name=name, sn=sn) for name, sn in PEOPLE.items())
            _modify(port, folder, _PEOPLE.format(people=people), "-a")
            yield Slapd(port=port, tls_port=tls_port, authority=authority, process=process, folder=folder)


def _modify(port: int, folder: Path, ldif: str, *more: str) -> None:
    file = folder / "change.ldif"
    file.write_text(ldif)
    command = program("ldapmodify", package="ldap-utils")
    checked([command, "-x", "-H", f"ldap://{LOOPBACK}:{port}", "-D", MANAGER, "-w", SECRET, "-f", str(file), *more])
