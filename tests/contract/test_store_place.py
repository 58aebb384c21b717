"""Which file system a directory lies on, by what the system says is mounted."""

from pathlib import Path

import pytest

from mailock.storage.sqlite.place import NetworkFileSystem, file_system_of, refuse_network

MOUNTS = """\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:26 / /mnt/mail\\040store rw master:4 propagate_from:2 - nfs4 server:/mail rw
31 22 0:27 / /mnt/mail\\040store/local rw - xfs /dev/vdb rw
32 22 0:28 / /srv rw - ext4 /dev/vdc rw
33 32 0:29 / /srv rw - fuse.sshfs host:/srv rw
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    """A list of mounts."""
    path = tmp_path / "mountinfo"
    path.write_text(MOUNTS)
    return path


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/var/lib/mailock", "ext4"),
        ("/mnt/mail store/spool", "nfs4"),
        ("/mnt/mail store/local/spool", "xfs"),
        ("/mnt/mail storehouse", "ext4"),
        ("/srv/mail", "fuse.sshfs"),
        ("/", "ext4"),
    ],
)
def test_the_deepest_and_latest_mount_counts(mounts: Path, directory: str, kind: str) -> None:
    assert file_system_of(Path(directory), mounts) == kind


def test_a_system_that_does_not_say_is_trusted(tmp_path: Path) -> None:
    assert file_system_of(Path("/"), tmp_path / "missing") is None
    refuse_network(Path("/"), tmp_path / "missing")


def test_another_machines_disk_is_refused_with_the_mend(mounts: Path) -> None:
    with pytest.raises(NetworkFileSystem, match=r"nfs4.*put data on a local disk"):
        refuse_network(Path("/mnt/mail store/spool"), mounts)
    refuse_network(Path("/var/lib/mailock"), mounts)
