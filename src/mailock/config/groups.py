"""What settings of a directory and of a provider share: groups that give roles, and certificate authorities."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from mailock.config.names import plain_name
from mailock.config.setting import required, setting
from mailock.config.units import shown
from mailock.ports.people import Role


def absolute(text: str) -> str:
    """The path of a file, from the root."""
    if not PurePosixPath(text).is_absolute():
        raise ValueError(f'{shown(text)} is not a path from the root: write "/etc/mailock/ca.pem"')
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRole:
    """Who is what: the first group of the list that somebody belongs to gives the role."""

    group: str = required(
        "A group: its distinguished name in a directory, or as a provider writes it.",
        example='"cn=mail-admins,ou=groups,dc=example,dc=com"',
    )
    role: Role = required("The role of its members.", example='"operator"')
    systems: tuple[str, ...] = setting(
        (),
        "The virtual systems whose mail they see.",
        parse=plain_name,
        shown_default="all of them",
        example='["sales"]',
    )
