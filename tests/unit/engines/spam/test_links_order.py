"""Which links are looked at, where there are more than are looked at."""

from mailock.engines.page import Anchor
from mailock.engines.spam.links import MOST, Leads
from mailock.engines.spam.mail import Mail
from mailock.engines.spam.pages import Page


def test_the_first_links_of_a_page_are_looked_at_in_their_order() -> None:
    urls = [f"https://site{number}.test/" for number in range(MOST + 30)]
    mail = Mail(header=(), named={}, untrusted_subject=b"", texts=(), pages=(), files=(), parts=(), report=False)
    assert Leads(mail, Page(anchors=[Anchor(url, "", pictured=False) for url in urls])).urls == urls[:MOST]
