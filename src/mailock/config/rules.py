"""The settings of the rulebase: when a rule holds, and what it orders then."""

from dataclasses import dataclass

from mailock.config.conditions import When
from mailock.config.judgement import header_name, prefix, quarantine_class, template
from mailock.config.names import HopText, address, plain_name, rewriting
from mailock.config.setting import required, setting
from mailock.core.lifecycle.copies import Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """What a rule orders, besides what the profile does; the strictest holds."""

    disposition: Disposition = setting(Disposition.DELIVER, "What becomes of the message.")
    quarantine_class: str = setting("policy", "The class in quarantine.", parse=quarantine_class)
    subject_prefix: str = setting("", "What is put before the subject.", parse=prefix)
    header: str = setting("", "A header field that is set; its name begins with `X-`.", parse=header_name)
    header_value: str = setting("yes", "What that field says.", parse=prefix)
    text: str = setting("", "What is added above the text.", parse=template)
    send_copy_to: tuple[str, ...] = setting(
        (), "Who gets a copy, with the original attached.", parse=address, example='["archive@example.com"]'
    )
    if_unfit: Disposition = setting(Disposition.QUARANTINE, "What happens where a change cannot be made.")
    rewrite_sender: str = setting(
        "",
        "The return path that it leaves with: an address, or `*@domain` to put another domain behind the same name. "
        "From and what else the reader sees stay; so does the null return path.",
        parse=rewriting,
        example='"*@bounces.example.com"',
    )
    rewrite_recipient: str = setting(
        "",
        "Who gets it in the recipient's place: an address, or `*@domain`. The message itself stays.",
        parse=rewriting,
        example='"*@new.example.com"',
    )
    add_recipient: tuple[str, ...] = setting(
        (),
        "Who gets the message too, as it came, where it is delivered: an archive.",
        parse=address,
        example='["archive@example.com"]',
    )
    next_hop: HopText | None = setting(
        None,
        "Where it goes, in the place of the forwarding rule's next hop; what that rule asks of TLS and of 8-bit mail "
        "holds there too.",
        example='"encryption.internal:25"',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of the rulebase; docs/rules.md explains them. The malicious mail policy stands above them by itself."""

    name: str = required("What the log calls the rule.", parse=plain_name, example='"partner invoices"')
    when: When = setting(
        When(),
        "What it asks for: a table of conditions, all of which have to hold; without it, the rule is for everybody.",
        shown_default="everybody",
        example='{ direction = "incoming", source = "192.0.2.0/24", "file.type" = ["exe", "js"] }',
    )
    then: Then = setting(Then())
    profile: str | None = setting(
        None, "The profile that serves the recipients whom it means.", parse=plain_name, example='"NAME"'
    )
    except_: tuple[str, ...] = setting(
        (),
        "Kinds of finding, and engines, that do not count under this rule, unless they say malicious.",
        parse=plain_name,
    )
    because: str = setting("", "Why there is such a rule; the log repeats it.", parse=prefix)
