"""The parts of pictures that all of them need: the frame, and links to the messages behind what is drawn."""

from urllib.parse import urlencode

from markupsafe import Markup, escape


def linked(drawn: Markup, query: str, said: str) -> Markup:
    """What is drawn, as a link to what a search finds; `said` is shown where the mouse rests, and read aloud."""
    told = Markup("<title>{}</title>").format(said)
    if not query:
        return Markup("<g>{}{}</g>").format(told, drawn)
    return Markup('<a href="/messages?{}">{}{}</a>').format(urlencode({"q": query}), told, drawn)


def framed(inside: Markup, width: float, height: float, says: str) -> Markup:
    """A picture of its own, as wide as its place allows."""
    return Markup('<svg class="figure" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>').format(
        width, height, escape(says), inside
    )
