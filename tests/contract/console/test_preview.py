"""The preview: what a mail says is text on it, its pictures are ours; looking needs the right, and is traced."""

from mailock.core.mail.message import show_id
from mailock.ports.people import Right, Role
from tests.parts.desk import KEPT, THEIRS, Desk
from tests.parts.stories import message

KEPT_ID, THEIRS_ID = (show_id(message(number).queue_id) for number in (KEPT, THEIRS))


def test_what_it_says_is_text_and_pictures_stand_in_the_page(console: Desk) -> None:
    console.person("reader", Role.OPERATOR, reads=True)
    with console.browser("reader") as browser:
        assert f'action="/messages/{KEPT_ID}/preview"' in browser.get(f"/messages/{KEPT_ID}").text
        answer = browser.post(f"/messages/{KEPT_ID}/preview")
    page, policy = answer.text, answer.headers["content-security-policy"]
    assert answer.status_code == 200
    assert "img-src 'self' data:;" in policy
    assert "default-src 'none'" in policy and "script-src 'self';" in policy
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "&lt;b&gt;.png" in page and "&lt;i&gt;broken" in page
    assert page.count("data:image/png;base64,UE5H") == 2
    assert page.index('alt="Picture of part 1.2"') < page.index("Pictures and first pages")
    assert "may read this part otherwise too" in page and "It goes on" in page


def test_looking_is_a_right_and_leaves_a_trace(console: Desk) -> None:
    console.person("root", Role.ADMINISTRATOR)
    console.person("reader", Role.OPERATOR, systems=("ours",), reads=True)
    with console.browser("root") as browser:
        assert browser.post(f"/messages/{KEPT_ID}/preview").status_code == 403
    with console.browser("reader") as browser:
        assert browser.post(f"/messages/{THEIRS_ID}/preview").status_code == 404
        assert browser.client.get(f"/messages/{KEPT_ID}/preview").status_code == 405
    assert [name for name, _, _ in console.orders if name == "quarantine.preview"] == []
    with console.program("reader", Right.READ_CONTENT) as program:
        seen = program.post(f"/api/v1/messages/{KEPT_ID}/preview").json()
        assert seen["passages"][0]["blocks"][0]["runs"][0]["leads"] == "javascript:alert(2)"
    entry = console.means.people.entries(limit=1)[0]
    assert (entry.person, entry.act, entry.about) == ("reader", "content.read", KEPT_ID)
    assert entry.outcome == "a preview was shown"
