"""HTML as flowing text: its words in their order, where its links lead, and where its own pictures stand.

Everything is read that the page holds, also what a mail program would hide: styles are not obeyed. It runs in the jail.
"""

from collections.abc import Mapping
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mailock.core.evidence.nesting import parsable
from mailock.operations.preview.wire import MOST_BLOCKS
from mailock.ports.viewer import Block, BlockKind, Run

_SILENT: Final = frozenset({"script", "style", "template", "head", "svg", "math", "iframe", "object", "video", "audio"})
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_STRONG: Final = frozenset({"b", "strong", "th"}) | _HEADINGS
_BREAKS: Final = _HEADINGS | {
    *("p", "div", "tr", "table", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "section", "article", "hr"),
    *("header", "footer", "main", "nav", "aside", "form", "fieldset", "figure", "center", "body", "br", "address"),
}
_CELLS: Final = frozenset({"td", "th"})
_FIELDS: Final = frozenset({"input", "textarea", "select", "button"})
_LONGEST_ADDRESS: Final = 2000


def blocks(page: str, letters: int, pictures: Mapping[str, str]) -> tuple[tuple[Block, ...], int, bool]:
    """The page's blocks, how many letters they have, and whether it has more of them than `letters`.

    `pictures` says which part has a Content-ID. A page whose elements nest too deeply to be parsed is given as it
    was written.
    """
    if not parsable(page):
        text = page[:letters]
        return (Block(kind=BlockKind.PLAIN, runs=(Run(text=text),)),), len(text), len(page) > letters
    flow = _Flow(letters, pictures)
    flow.walk(LexborHTMLParser(page).root)
    return tuple(flow.blocks), letters - flow.left, flow.cut


class _Flow:
    """A page being read out."""

    def __init__(self, letters: int, pictures: Mapping[str, str]) -> None:
        self.blocks: list[Block] = []
        self.left = letters
        self.cut = False
        self._pictures = pictures
        self._runs: list[Run] = []
        self._kinds: list[BlockKind] = [BlockKind.PARAGRAPH]
        self._strong = 0
        self._leads: list[str] = [""]

    def walk(self, root: LexborNode | None) -> None:
        """Goes through the tree without recursion: who nests elements must not reach the interpreter's limit."""
        node, stack = root, list[LexborNode]()
        while node is not None and not self.cut:
            descends = self._enter(node) and node.child is not None
            if descends:
                stack.append(node)
                node = node.child
                continue
            self._leave(node)
            while node is not None and node.next is None:
                node = stack.pop() if stack else None
                if node is not None:
                    self._leave(node)
            node = None if node is None else node.next
        self._end()

    def _enter(self, node: LexborNode) -> bool:
        """Reads what stands at a node; whether to go into it."""
        tag = node.tag or ""
        if node.is_text_node:
            self._say(node.text_content or "")
            return False
        if tag in _SILENT or node.is_comment_node:
            return False
        if tag in _BREAKS:
            self._end()
        if (kind := _kind(tag)) is not None:
            self._kinds.append(kind)
        self._strong += tag in _STRONG
        given = node.attributes if tag in _FIELDS or tag in ("a", "area", "img", "form") else {}
        if tag == "a" or tag == "area":
            self._leads.append((given.get("href") or "")[:_LONGEST_ADDRESS])
        elif tag == "img":
            self._picture(given)
        elif tag in _FIELDS:
            self._say(f" [{tag} {given.get('type') or ''} {given.get('value') or given.get('placeholder') or ''}] ")
        elif tag == "form" and given.get("action"):
            self._say(f"[a form that sends to {(given['action'] or '')[:_LONGEST_ADDRESS]}]")
            self._end()
        return True

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if node.is_text_node or node.is_comment_node or tag in _SILENT:
            return
        if tag in ("a", "area"):
            leads = self._leads.pop()
            if 0 < len(leads) <= self.left and not (self._runs and self._runs[-1].leads == leads):
                self.left -= len(leads)
                self._runs.append(Run(text="", leads=leads))
        if tag in _CELLS and self._runs:
            self._say(" \N{MIDDLE DOT} ")
        if tag in _BREAKS:
            self._end()
        if _kind(tag) is not None:
            self._kinds.pop()
        self._strong -= tag in _STRONG

    def _picture(self, given: Mapping[str, str | None]) -> None:
        source, says = given.get("src") or "", given.get("alt") or ""
        part = self._pictures.get(source[4:].strip("<>")) if source[:4].lower() == "cid:" else None
        if part is not None:
            self._end()
            self.blocks.append(Block(kind=BlockKind.PICTURE, part=part))
            return
        where = source[:_LONGEST_ADDRESS] if not source[:5].lower().startswith("data:") else "its own data"
        self._say(f" [picture{': ' + says if says else ''}, not loaded{' from ' + where if where else ''}] ")

    def _say(self, text: str) -> None:
        if self._kinds[-1] is not BlockKind.PLAIN:
            first, last = text[:1].isspace(), text[-1:].isspace()
            text = " ".join(text.split())
            text = text and (" " if first and self._runs else "") + text + (" " if last else "")
        if not text:
            return
        strong, leads = self._strong > 0, self._leads[-1]
        before = self._runs[-1] if self._runs else None
        goes_on = before is not None and (before.strong, before.leads) == (strong, leads)
        # Where a link leads counts as well, once for each run.
        room = self.left if goes_on else self.left - len(leads)
        if len(text) > room:
            text, self.cut = text[: max(0, room)], True
        if room <= 0:
            return
        self.left = room - len(text)
        if before is not None and goes_on:
            self._runs[-1] = Run(text=before.text + text, strong=strong, leads=leads)
        else:
            self._runs.append(Run(text=text, strong=strong, leads=leads))

    def _end(self) -> None:
        """Ends the block; one of blanks alone is none."""
        runs, self._runs = self._runs, []
        if not any(run.text.strip(" \N{MIDDLE DOT}") or run.leads for run in runs):
            return
        if len(self.blocks) >= MOST_BLOCKS:
            self.cut = True
            return
        self.blocks.append(Block(kind=self._kinds[-1], runs=tuple(runs)))


def _kind(tag: str) -> BlockKind | None:
    """What the blocks within an element are; None where it does not say."""
    if tag in _HEADINGS:
        return BlockKind.HEADING
    return {"li": BlockKind.ITEM, "blockquote": BlockKind.QUOTE, "pre": BlockKind.PLAIN}.get(tag)
