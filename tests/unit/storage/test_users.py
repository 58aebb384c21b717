"""Accounts are lines of `name:hash`; nothing that is none is ever taken for a password's hash."""

from pathlib import Path

import pytest

from mailock.storage.users import UsersFile, is_hash, make_hash, verify


@pytest.fixture(scope="module")
def hashed() -> str:
    return make_hash("open sesame")


def test_a_password_fits_its_own_hash_only(hashed: str) -> None:
    assert is_hash(hashed)
    assert verify(hashed, "open sesame")
    assert not verify(hashed, "open sesame ")
    assert not verify(hashed, "")
    assert make_hash("open sesame") != hashed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "scrypt$32768$8$1$AAAA",
        "scrypt$0$8$1$AAAA$" + "A" * 43 + "=",
        "scrypt$32767$8$1$AAAA$" + "A" * 43 + "=",
        "scrypt$1073741824$8$1$AAAA$" + "A" * 43 + "=",
        "scrypt$32768$-8$1$AAAA$" + "A" * 43 + "=",
        "scrypt$32768$8$1$AAAA$",
        "scrypt$32768$8$1$not base64$" + "A" * 43 + "=",
        "bcrypt$32768$8$1$AAAA$" + "A" * 43 + "=",
    ],
)
def test_what_is_no_hash_is_nobodys(text: str) -> None:
    assert not is_hash(text)
    assert not verify(text, "")


async def test_the_file_is_read_anew_for_each_question(tmp_path: Path, hashed: str) -> None:
    path = tmp_path / "users"
    path.write_text(f"# ours\n\nanna:{hashed}\nbert@dest.test:{hashed}\n")
    users = UsersFile(path)
    assert list(users.read()) == ["anna", "bert@dest.test"]
    assert await users.check("anna", "open sesame")
    assert not await users.check("anna", "wrong")
    assert not await users.check("Anna", "open sesame")
    assert not await users.check("nobody", "open sesame")
    path.write_text("")
    assert not await users.check("anna", "open sesame")
    assert not await UsersFile(None).check("anna", "open sesame")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("anna", "no `name:hash`"),
        ("anna:secret", "no `name:hash`"),
        (":scrypt", "no `name:hash`"),
        ("bert:{}", "second line"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, hashed: str, line: str, what: str) -> None:
    path = tmp_path / "users"
    path.write_text(f"bert:{hashed}\n{line.format(hashed)}\n")
    with pytest.raises(ValueError, match=f"users:2: .*{what}.*mailock user hash"):
        UsersFile(path).read()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"users_file .*gone cannot be read \(No such file"):
        UsersFile(tmp_path / "gone").read()
