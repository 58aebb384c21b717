"""The verdict cache at the console: shown as text, searched, and forgotten by administrators alone."""

from mailock.ports.people import Role
from tests.parts.desk import Desk

DIGEST = "ab" * 32


def asked(console: Desk, command: str) -> list[dict[str, object]]:
    """What mailflow was asked."""
    return [dict(arguments) for name, arguments, _ in console.orders if name == command]


def test_it_is_shown_and_searched(console: Desk) -> None:
    console.person("oliver", Role.OPERATOR)
    with console.browser("oliver") as browser:
        text = browser.get("/cache?engine=clamav").text
        assert DIGEST in text and "&lt;script&gt;" in text and "<script>alert" not in text
        assert f"/messages?q=hash%3A{DIGEST}" in text
        assert "/cache/forget" not in text.partition("<dialog")[0]
        assert "pins this content" not in text
        assert "ours &lt;b&gt;" in browser.get(f"/cache?sha256={DIGEST}").text
        assert "no SHA-256" in browser.get("/cache?sha256=abc").text
        assert 'href="/cache"' in browser.get("/health").text
    assert asked(console, "cache.list") == [{"limit": 200, "engine": "clamav"}]
    assert asked(console, "cache.show")[0] == {"limit": 200, "sha256": DIGEST}


def test_only_administrators_forget_and_it_is_written_down(console: Desk) -> None:
    console.person("oliver", Role.OPERATOR)
    console.person("root", Role.ADMINISTRATOR)
    with console.browser("oliver") as browser:
        assert browser.post("/cache/forget", all="1").status_code == 403
    with console.browser("root") as browser:
        assert browser.post("/cache/forget", sha256=DIGEST, engine="clamav").status_code == 303
    with console.program("root") as program:
        assert program.get("/api/v1/cache", params={"sha256": DIGEST}).json()["pin"]["verdict"] == "benign"
        assert program.get("/api/v1/cache").json()["verdicts"][0]["engine"] == "clamav"
        assert program.get("/api/v1/cache", params={"sha256": "abc"}).status_code == 400
        assert program.post("/api/v1/cache/forget", json={"all": True}).json() == {"forgotten": 3}
    orders = asked(console, "cache.purge")
    assert orders == [
        {"sha256": [DIGEST], "engine": "clamav", "all": False},
        {"sha256": [], "engine": None, "all": True},
    ]
    entries = [(one.act, one.about, one.outcome) for one in console.means.people.entries(limit=2)]
    assert entries == [
        ("cache.purge", "everything", "3 forgotten"),
        ("cache.purge", f"{DIGEST}, of clamav", "3 forgotten"),
    ]
