"""Links that ask first become what they are where the copy is made, by a key that neither queue nor jail has."""

from mailock.core.mail.signed import Key
from mailock.core.mime.part import PartPath
from mailock.core.rewriting.clicklinks import Click, read_token
from mailock.core.rewriting.edits import GuardLink, ReplaceLink
from mailock.operations.links import Links
from tests.contract.remake.works import Works

KEY = Key("k1", b"k" * 32)
LINKS = Links(url="https://mail.example", keys=lambda: [KEY])
MAIL = b"Subject: x\r\n\r\nSee http://a.test/x now.\r\n"
EDIT = GuardLink(
    part=PartPath("1"), untrusted_raw="http://a.test/x", untrusted_url="http://a.test/x", recipient="u@dest.test"
)


def guard(link: GuardLink, system: str) -> ReplaceLink:
    """As the portal's side of mailflow does it."""
    return LINKS.guarded(link, system, 5_000_000_000)


async def test_a_link_is_signed_where_the_copy_is_made(works: Works) -> None:
    works.guard = guard
    given = await works.planned(EDIT, content=MAIL)
    await works.work()
    (parcel,) = works.sent
    made = await works.queue.small_body(parcel.copy.body)
    before, _, rest = made.partition(b"https://mail.example/click/")
    token = rest.split(b" ")[0].decode()
    assert made == b"%shttps://mail.example/click/%s now.\r\n" % (MAIL.partition(b"http")[0], token.encode())
    click = Click(url="http://a.test/x", recipient="u@dest.test", system="default", until=5_000_000_000)
    assert read_token(token, [KEY], 0) == click
    assert before and given.virtual_system == "default"
    assert all(KEY.secret not in job.order and KEY.secret.hex().encode() not in job.order for job in works.cell.jobs)


async def test_without_a_portal_a_link_leads_where_it_led(works: Works) -> None:
    await works.planned(EDIT, content=MAIL)
    await works.work()
    (parcel,) = works.sent
    assert await works.queue.small_body(parcel.copy.body) == MAIL
