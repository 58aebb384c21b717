"""What mailflow told stands in the console, as text."""

from mailock.ports.people import Role
from tests.parts.desk import Desk


def test_alerts_stand_on_the_page_of_health_and_for_a_while_on_every_page(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    with console.browser("anna") as browser:
        assert 'hx-get="/alerts/latest"' in browser.get("/messages").text
        for path in ("/health", "/alerts/latest"):
            text = browser.get(path).text
            assert "storage: the disk is &lt;b&gt;full&lt;/b&gt;" in text
    console.person("helper", Role.HELP_DESK)
    with console.browser("helper") as browser:
        assert "/alerts/latest" not in browser.get("/messages").text
        assert browser.get("/alerts/latest").status_code == 403
