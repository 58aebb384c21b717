"""The settings of texts that are added to mail on its way: the signature, and the banner for mail from outside."""

from dataclasses import dataclass

from mailock.config.setting import setting
from mailock.core.mail.envelope import Direction
from mailock.core.policy.additions import Addition
from mailock.core.rewriting.edits import AddText, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A text at the end of scanned mail, in plain and in HTML parts. Mail that is signed or encrypted, calendars and
    attachments never get it, nor does mail that was not looked at completely.
    """

    enabled: bool = setting(False, "Whether the text is added.")
    text: str = setting("Scanned by Mailock", "The text.")
    html: str = setting(
        "",
        "The text as HTML parts get it, with markup; without it, it is made of `text`.",
        example='"<p>Scanned by <b>Mailock</b></p>"',
    )
    once_per_thread: bool = setting(True, "Whether it is left out where the mail, or what it quotes, has it already.")
    directions: tuple[Direction, ...] = setting(
        (Direction.INCOMING, Direction.OUTGOING, Direction.INTERNAL),
        "Which mail gets it.",
        shown_default='["incoming", "outgoing", "internal"]',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """A text at the top of mail that comes from outside. What holds for the signature holds for it too."""

    enabled: bool = setting(False, "Whether the text is added.")
    text: str = setting(
        "This message came from outside the organisation. Take care with links and attachments.", "The text."
    )
    html: str = setting(
        "",
        "The text as HTML parts get it, with markup; without it, it is made of `text`.",
        example='"<p><b>From outside.</b></p>"',
    )
    once_per_thread: bool = setting(True, "Whether it is left out where the mail, or what it quotes, has it already.")


def compile_additions(signature: Signature, banner: Banner) -> tuple[Addition, ...]:
    """What is added, the banner first."""
    added: list[Addition] = []
    if banner.enabled and banner.text.strip():
        text = AddText(text=banner.text, html=banner.html, place=Place.TOP, once_per_thread=banner.once_per_thread)
        added.append(Addition(text=text, directions=frozenset({Direction.INCOMING})))
    if signature.enabled and signature.text.strip() and signature.directions:
        text = AddText(
            text=signature.text,
            html=signature.html,
            place=Place.BOTTOM,
            once_per_thread=signature.once_per_thread,
        )
        added.append(Addition(text=text, directions=frozenset(signature.directions)))
    return tuple(added)
