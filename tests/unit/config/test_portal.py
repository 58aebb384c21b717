"""The settings of the user side: what leads nowhere, or gives away too much, is refused with its mend."""

from pathlib import Path

import pytest

from mailock.config.load import load
from mailock.config.mistakes import Mistakes
from mailock.config.userside import compile_click_time, compile_recipients, moments

HOUR = 3600
DAY = 24 * HOUR
PORTAL = '[portal]\nenabled = true\nurl = "https://mail.example.com/"\n'


def test_a_whole_section_is_read() -> None:
    text = PORTAL + '[quarantine.recipients]\nrelease = ["spam", "policy"]\nrequest = []\n'
    text += '[quarantine.recipients.digest]\nenabled = true\nat = ["mo-tu 07:00", "12:30"]\n'
    text += '[click_time]\nenabled = true\nexcept = ["*.example.com"]\nlinks = "10d"\n'
    loaded = load(text)
    assert loaded.settings.portal.url == "https://mail.example.com"
    assert "[portal]" not in loaded.policy_text and "[click_time]" in loaded.policy_text
    own = compile_recipients(loaded.settings.policy.quarantine.recipients)
    assert own.shown == {"spam", "policy"}
    noons = [day * DAY + 12 * HOUR + 1800 for day in range(7)]
    assert own.digest == tuple(sorted((7 * HOUR, DAY + 7 * HOUR, *noons)))
    guarding = compile_click_time(loaded.settings.policy.click_time)
    assert guarding is not None and guarding.lifetime == 10 * DAY


def test_shipped_it_is_off() -> None:
    policy = load("").settings.policy
    assert not load("").settings.portal.enabled
    assert compile_click_time(policy.click_time) is None
    assert compile_recipients(policy.quarantine.recipients).digest == ()


@pytest.mark.parametrize("text", ["7", "25:00", "xx 07:00", "07:00-08:00", ""])
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="is no time of a digest: write one such as"):
        moments(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[portal]\nenabled = true\n", 'needs to know how browsers reach it: set url = "https://'),
        ('[portal]\nurl = "mail.example.com"\n', "is not the address of a portal"),
        ('[portal]\nurl = "https://mail.example.com/portal"\n', "is not the address of a portal"),
        ('[quarantine.recipients]\nrelease = ["malware"]\n', "malware is let go by administrators only"),
        ('[quarantine.recipients]\nrelease = ["policy"]\n', "policy stands in request too"),
        ('[click_time]\nlinks = "5m"\n', "a link holds from an hour to a year"),
        ('[quarantine.recipients]\nlinks = "500d"\n', "a link holds from an hour to a year"),
    ],
)
def test_what_cannot_be_is_refused(text: str, said: str) -> None:
    with pytest.raises(Mistakes) as wrong:
        load(text)
    assert any(said in str(mistake) for mistake in wrong.value.mistakes), wrong.value


@pytest.mark.parametrize("section", ["quarantine.recipients.digest", "click_time"])
def test_a_file_whose_links_lead_to_no_portal_is_refused(tmp_path: Path, section: str) -> None:
    file = tmp_path / "mailock.toml"
    text = f"[{section}]\nenabled = true\n"
    file.write_text(text)
    with pytest.raises(Mistakes, match=r"lead to the portal, which is off: set \[portal\] enabled = true"):
        load(file)
    file.write_text(PORTAL + text)
    assert load(file).settings.portal.enabled
    # A revision does not know the machine that it runs on.
    assert not load(text).settings.portal.enabled


def test_digests_that_would_go_out_into_the_world_are_warned_of() -> None:
    rule = '[[mta.forwarding]]\ndomain = "{domain}"\nnext_hop = "mail.internal"\nverification = "callout"\n'
    out = (
        '[[mta.forwarding]]\ndirection = "outgoing"\nnext_hop = "mx:"\n[quarantine.recipients.digest]\nenabled = true\n'
    )
    assert any("only a rule" in str(one) for one in load(rule.format(domain="*") + out).warnings)
    assert not any("only a rule" in str(one) for one in load(rule.format(domain="a.test") + out).warnings)


def test_the_environment_reaches_the_portal() -> None:
    environment = {"MAILOCK_PORTAL__ENABLED": "true", "MAILOCK_PORTAL__URL": "https://mail.example.com"}
    portal = load("", environment=environment).settings.portal
    assert (portal.enabled, portal.url) == (True, "https://mail.example.com")
