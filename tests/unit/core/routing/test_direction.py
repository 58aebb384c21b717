"""Placing recipients: never an open relay, the systems apart, postmaster always taken."""

import pytest

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.routing.direction import Placed, Refusal, place, place_in, place_own
from mailock.core.routing.nexthop import parse_next_hop
from mailock.core.routing.pattern import read_pattern
from mailock.core.routing.rules import ForwardingRule, Routes, SystemScope, Verification

IN, OUT, WITHIN = Direction.INCOMING, Direction.OUTGOING, Direction.INTERNAL


def rule(
    domain: str, direction: Direction | None = None, hop: str = "mail.internal", system: str = "default", **more: object
) -> ForwardingRule:
    return ForwardingRule(
        name=f"{system} {domain} {hop}",
        patterns=(read_pattern(domain),),
        next_hop=parse_next_hop(hop),
        direction=direction,
        virtual_system=system,
        verification=Verification.CALLOUT if more.get("verified") else Verification.NONE,
    )


def address(text: str) -> Address:
    local, _, domain = text.rpartition("@")
    return Address(local, domain) if local else Address(domain, "")


def placed(routes: Routes, text: str, *, internal: bool, listener: str = "") -> tuple[Direction, str, str]:
    """Direction, system and next hop, for a recipient that must be accepted."""
    found = place(routes, address(text), internal=internal, listener=listener)
    assert isinstance(found, Placed), found
    return found.direction, found.virtual_system, str(found.rule.next_hop)


def refused(routes: Routes, text: str, *, internal: bool, listener: str = "") -> str:
    """The reply to a recipient that must not be accepted."""
    found = place(routes, address(text), internal=internal, listener=listener)
    assert isinstance(found, Refusal), found
    assert found.why
    return str(found.reply)


USUAL = Routes(rules=(rule("example.com"), rule("*.example.com"), rule("*", OUT, "mx:")))
EVERYTHING = Routes(rules=(rule("*"), rule("*", OUT, "mx:")))
ONE_RULE = Routes(rules=(rule("*"),))


def test_outside_reaches_our_domains_and_nothing_else() -> None:
    assert placed(USUAL, "u@example.com", internal=False) == (IN, "default", "mail.internal:25")
    assert placed(USUAL, "u@lab.example.com", internal=False) == (IN, "default", "mail.internal:25")
    assert refused(USUAL, "u@elsewhere.example", internal=False) == "550 5.7.1 Relaying denied"


@pytest.mark.parametrize(
    "tricky", ["u%elsewhere.example@evil.example", "u@example.com.evil.example", "u@xexample.com", "u@[192.0.2.1]"]
)
def test_outside_gets_no_relaying_by_spelling(tricky: str) -> None:
    assert refused(USUAL, tricky, internal=False) == "550 5.7.1 Relaying denied"


def test_inside_writes_to_everybody_and_to_us_without_leaving() -> None:
    assert placed(USUAL, "u@elsewhere.example", internal=True) == (OUT, "default", "mx:")
    assert placed(USUAL, "u@example.com", internal=True) == (WITHIN, "default", "mail.internal:25")


def test_internal_rules_are_for_inside_only_and_go_before_incoming_ones() -> None:
    routes = Routes(
        rules=(rule("example.com"), rule("example.com", WITHIN, "staff.internal"), rule("hr.example", WITHIN))
    )
    assert placed(routes, "u@example.com", internal=True) == (WITHIN, "default", "staff.internal:25")
    assert placed(routes, "u@example.com", internal=False) == (IN, "default", "mail.internal:25")
    assert refused(routes, "u@hr.example", internal=False) == "550 5.7.1 Relaying denied"


def test_a_rule_for_everything_makes_nothing_ours_while_another_takes_outgoing_mail() -> None:
    assert placed(EVERYTHING, "u@elsewhere.example", internal=True) == (OUT, "default", "mx:")
    assert placed(EVERYTHING, "u@elsewhere.example", internal=False) == (IN, "default", "mail.internal:25")


def test_domains_known_to_be_ours_by_other_means_stay_inside() -> None:
    found = place(EVERYTHING, address("u@example.com"), internal=True, also_ours={"example.com"})
    assert isinstance(found, Placed)
    assert (found.direction, str(found.rule.next_hop)) == (WITHIN, "mail.internal:25")


def test_one_rule_for_everything_serves_inside_too() -> None:
    assert placed(ONE_RULE, "u@elsewhere.example", internal=True) == (WITHIN, "default", "mail.internal:25")


def test_without_any_route_inside_is_refused() -> None:
    assert refused(Routes(rules=(rule("example.com"),)), "u@elsewhere.example", internal=True).startswith("550 5.7.1")


def test_an_outgoing_rule_that_is_narrower_beats_our_wildcard() -> None:
    routes = Routes(
        rules=(rule("*.example.com"), rule("partner.example.com", OUT, "partner.internal"), rule("*", OUT, "mx:"))
    )
    assert placed(routes, "u@partner.example.com", internal=True) == (OUT, "default", "partner.internal:25")
    assert placed(routes, "u@other.example.com", internal=True) == (WITHIN, "default", "mail.internal:25")
    assert placed(routes, "u@partner.example.com", internal=False) == (IN, "default", "mail.internal:25")


def test_a_rule_for_one_address_does_not_open_its_domain() -> None:
    routes = Routes(rules=(rule("boss@example.com"), rule("*", OUT, "mx:")))
    assert placed(routes, "boss@example.com", internal=False)[0] is IN
    assert refused(routes, "u@example.com", internal=False) == "550 5.7.1 Relaying denied"
    assert placed(routes, "u@example.com", internal=True)[0] is OUT


@pytest.mark.parametrize("internal", [False, True])
def test_the_postmaster_of_our_domain_is_never_verified(internal: bool) -> None:
    routes = Routes(rules=(rule("example.com", verified=True),))
    for text, expected in (("PostMaster@example.com", Verification.NONE), ("u@example.com", Verification.CALLOUT)):
        found = place(routes, address(text), internal=internal)
        assert isinstance(found, Placed)
        assert found.verification is expected


def test_the_postmaster_is_taken_where_rules_name_single_addresses_only() -> None:
    routes = Routes(rules=(rule("a@example.com"), rule("b@example.com", hop="second.internal"), rule("*", OUT, "mx:")))
    assert placed(routes, "postmaster@example.com", internal=False) == (IN, "default", "mail.internal:25")


def test_the_postmaster_without_a_domain_goes_to_the_first_next_hop() -> None:
    routes = Routes(rules=(rule("backup.example", hop="mx:"), rule("example.com"), rule("*", OUT, "mx:")))
    found = place(routes, address("postmaster"), internal=False)
    assert isinstance(found, Placed)
    assert (found.address, str(found.rule.next_hop)) == (Address("postmaster", ""), "mail.internal:25")


@pytest.mark.parametrize("text", ["postmaster", "Postmaster@mx1.example.org"])
def test_our_own_postmaster_is_whom_the_settings_name(text: str) -> None:
    routes = Routes(
        rules=(rule("example.com", verified=True), rule("*", OUT, "mx:")),
        hostnames=frozenset({"mx1.example.org"}),
        postmaster=Address("ops", "example.com"),
    )
    found = place(routes, address(text), internal=False)
    assert isinstance(found, Placed)
    assert (found.address, found.verification) == (Address("ops", "example.com"), Verification.NONE)


def test_a_postmaster_elsewhere_is_reached_by_an_outgoing_rule_and_opens_nothing_else() -> None:
    routes = Routes(rules=(rule("*", OUT, "mx:"),), postmaster=Address("ops", "elsewhere.example"))
    assert placed(routes, "postmaster", internal=False)[0] is OUT
    assert refused(routes, "ops@elsewhere.example", internal=False) == "550 5.7.1 Relaying denied"


def test_a_postmaster_without_a_next_hop_is_told_to_wait() -> None:
    found = place(Routes(rules=(rule("*", OUT, "mx:"),)), address("postmaster"), internal=False)
    assert isinstance(found, Refusal)
    assert (found.reply.code, "set [mta] postmaster" in found.why) == (451, True)


def test_the_postmaster_of_others_is_not_ours() -> None:
    assert refused(USUAL, "postmaster@elsewhere.example", internal=False) == "550 5.7.1 Relaying denied"


TENANTS = Routes(
    rules=(
        rule("example.com"),
        rule("*", OUT, "mx:"),
        rule("red.example", hop="red.internal", system="red"),
        rule("*", OUT, "smart.red.internal", "red"),
        rule("blue.example", hop="blue.internal", system="blue"),
    ),
    scopes=(
        SystemScope(name="red", listeners=frozenset({"red-25"}), patterns=(read_pattern("red.test"),)),
        SystemScope(name="blue"),
    ),
)


def test_one_transaction_may_span_two_systems() -> None:
    assert placed(TENANTS, "u@red.example", internal=False) == (IN, "red", "red.internal:25")
    assert placed(TENANTS, "u@blue.example", internal=False) == (IN, "blue", "blue.internal:25")
    assert placed(TENANTS, "u@example.com", internal=False) == (IN, "default", "mail.internal:25")


def test_a_listener_of_one_system_knows_no_other() -> None:
    assert placed(TENANTS, "u@red.example", internal=False, listener="red-25") == (IN, "red", "red.internal:25")
    assert refused(TENANTS, "u@blue.example", internal=False, listener="red-25") == "550 5.7.1 Relaying denied"
    assert refused(TENANTS, "u@example.com", internal=False, listener="red-25") == "550 5.7.1 Relaying denied"


def test_one_system_writes_to_another_as_if_from_outside() -> None:
    assert placed(TENANTS, "u@blue.example", internal=True, listener="red-25") == (IN, "blue", "blue.internal:25")
    assert placed(TENANTS, "u@elsewhere.example", internal=True, listener="red-25") == (
        OUT,
        "red",
        "smart.red.internal:25",
    )
    assert placed(TENANTS, "u@red.example", internal=True, listener="red-25") == (WITHIN, "red", "red.internal:25")


def test_a_domain_that_a_system_states_without_a_rule_waits_for_one() -> None:
    assert refused(TENANTS, "u@red.test", internal=False).startswith("451 4.3.5")


def test_the_narrowest_owner_has_the_recipient() -> None:
    routes = Routes(
        rules=(rule("*.example.com", system="red"), rule("lab.example.com", system="blue"), rule("*")),
        scopes=(SystemScope(name="red"), SystemScope(name="blue")),
    )
    assert placed(routes, "u@lab.example.com", internal=False)[1] == "blue"
    assert placed(routes, "u@x.example.com", internal=False)[1] == "red"
    assert placed(routes, "u@example.com", internal=False)[1] == "default"


def test_a_system_that_is_gone_makes_mail_wait() -> None:
    found = place_in(USUAL, "gone", address("u@example.com"), internal=False)
    assert isinstance(found, Refusal)
    assert (found.reply.code, "gone" in found.why) == (451, True)


def test_our_own_mail_is_outgoing_whichever_rule_reaches_its_recipient() -> None:
    for text, hop in (("u@example.com", "mail.internal:25"), ("u@elsewhere.example", "mx:")):
        found = place_own(TENANTS, "default", address(text))
        assert isinstance(found, Placed)
        assert (found.direction, str(found.rule.next_hop)) == (OUT, hop)


def test_our_own_mail_of_a_system_without_outgoing_rules_takes_the_default_ones() -> None:
    found = place_own(TENANTS, "blue", address("u@elsewhere.example"))
    assert isinstance(found, Placed)
    assert (found.virtual_system, str(found.rule.next_hop)) == ("blue", "mx:")
    assert isinstance(place_own(Routes(rules=(rule("example.com"),)), "default", address("u@x.example")), Refusal)


def test_the_postmaster_of_a_divided_domain_is_taken_by_whoever_takes_somebody() -> None:
    routes = Routes(
        rules=(rule("u@lab.example.com", system="blue"), rule("*.example.com", WITHIN, system="red")),
        scopes=(SystemScope(name="red"), SystemScope(name="blue")),
    )
    assert placed(routes, "postmaster@lab.example.com", internal=False)[1] == "blue"
