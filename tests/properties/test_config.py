"""Whatever stands in a file: `load` gives settings or raises Mistakes, places are right, revisions say what it says."""

import tomllib
from datetime import date
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from mailock.config.lines import Lines, Path
from mailock.config.load import Loaded, load
from mailock.config.mistakes import Mistakes
from mailock.config.reference import sections, toml
from mailock.config.sample import sample
from mailock.config.setting import Setting

SAMPLE = sample()
KEYS = sorted({one.name for section in sections() for one in section.settings} | {"rule", "profile", "x", "", "a.b"})
HEADERS = [section.header.replace("NAME", "x") for section in sections()] + ["[mta.forwarding]", "[[node]]", "[[rule]]"]
WORDS = [
    *("any", "*", "mx:", "0.0.0.0", "::", "10.0.0.0/8", "10.0.0.1/8", "example.com", "a@example.com", "*.example.com"),
    *("60m", "0s", "1e9d", "20GB", "-1GB", "20%", "file:/etc/x", "env:X", "lmtp:a", "a backup", "a weight=0", "none"),
    *("list", "callout", "outgoing", "required", "dane", "\x00", "\u202e", "\U0001f4a9", "[::1]:25", "127.0.0.1:70000"),
]
scalars = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=12),
    st.integers(min_value=-(10**30), max_value=10**30),
    st.floats(),
    st.booleans(),
    st.dates().map(date.isoformat),
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
)


def read(text: str, environment: dict[str, str] | None = None) -> Loaded | None:
    """The settings, or None where there are mistakes; anything else that is raised is the bug looked for."""
    try:
        return load(text, environment=environment)
    except Mistakes as wrong:
        assert wrong.mistakes
        count = text.count("\n") + 1
        for mistake in wrong.mistakes:
            assert 0 <= mistake.line <= count
            assert mistake.text.isprintable(), mistake.text
            assert any(mark in mistake.text for mark in (": ", "; ", " to ")), mistake.text
        return None


def written(value: object) -> str:
    """A value in TOML; tables as inline tables."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml_key(key)} = {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(c):08x}" if ord(c) < 32 or c in '"\\\x7f' else c for c in value) + '"'
    return toml(value)


def toml_key(key: str) -> str:
    return written(key)


@st.composite
def files(draw: st.DrawFn) -> str:
    """Files out of real headers and keys, with values from anywhere."""
    out = []
    for header in draw(st.lists(st.sampled_from(HEADERS), max_size=6)):
        out.append(header)
        out += [
            f"{toml_key(key)} = {written(draw(values))}" for key in draw(st.sets(st.sampled_from(KEYS), max_size=5))
        ]
    return "\n".join(out) + "\n"


@given(files())
def test_no_file_raises_anything_but_mistakes(text: str) -> None:
    read(text)


@given(st.text(alphabet=st.sampled_from("[]{}\"'\\=.,#\n\r\t abm01-_é\ufeff\ud800"), max_size=60))
def test_no_text_raises_anything_but_mistakes(text: str) -> None:
    read(text)


@given(st.integers(0, len(SAMPLE)), st.integers(0, 20), st.text(max_size=8))
def test_no_damage_to_a_good_file_raises_anything_but_mistakes(at: int, length: int, insert: str) -> None:
    read(SAMPLE[:at] + insert + SAMPLE[at + length :])


@given(st.data())
def test_no_value_of_any_setting_raises_anything_but_mistakes(data: st.DataObject) -> None:
    section = data.draw(st.sampled_from([section for section in sections() if section.settings]))
    one: Setting = data.draw(st.sampled_from(section.settings))
    read(f"{section.header.replace('NAME', 'x')}\n{one.name} = {written(data.draw(values))}\n")


@given(
    st.dictionaries(st.sampled_from([f"MAILOCK_{s}__{k.upper()}" for s in ("NODE", "MTA") for k in KEYS]), st.text())
)
def test_no_environment_raises_anything_but_mistakes(environment: dict[str, str]) -> None:
    read('[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n', environment)


@given(files())
def test_every_place_in_a_legal_file_has_the_line_on_which_its_key_stands(text: str) -> None:
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError):
        assume(False)
    lines, rows = Lines(text), text.split("\n")
    for path in places(table):
        key = next(part for part in reversed(path) if isinstance(part, str))
        row = rows[lines.at(path) - 1]
        assert key in row or toml_key(key) in row


def places(value: object, path: Path = ()) -> list[Path]:
    """All paths of a table."""
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return ([path] if path else []) + [found for key, one in inner for found in places(one, (*path, key))]


BLOCKS = [
    "[node]\nworkers = 3  # w\n# of the node",
    '[console]\nlisten = "127.0.0.1:1"',
    "[mta]\nport = 26",
    '[[mta.forwarding]]\nnext_hop = "0.0.0.0"',
    '[[mta.forwarding]]\ndomain = [  # list\n  "a.example",\n  # inside\n]\nnext_hop = "0.0.0.0"',
    '[mta.signature]\ntext = """\n[node]\n# no comment"""',
    "[mta.limits]\nerrors = 7",
    '[virtual_system.node]\ndomains = "node.example"',
    '[object."x.node"]\nnetwork = [\n"192.0.2.0/24" ]',
]
FILLINGS = ["\n", "\n\n", "\n# above\n", "\n\n# alone\n\n", "\n  # indented\n# above\n", "\r\n"]


@given(
    st.permutations(BLOCKS), st.integers(0, len(BLOCKS)), st.lists(st.sampled_from(FILLINGS), min_size=10, max_size=10)
)
def test_a_revision_says_what_the_file_says(blocks: list[str], count: int, fillings: list[str]) -> None:
    text = "# head" + "".join(filling + block for filling, block in zip(fillings, blocks[:count], strict=False)) + "\n"
    loaded = load(text)
    again = load(loaded.policy_text)
    assert again.settings.policy == loaded.settings.policy
    assert again.policy_text == loaded.policy_text
    told = tomllib.loads(text)
    assert tomllib.loads(loaded.policy_text) == {k: v for k, v in told.items() if k not in ("node", "console")}
    for block in blocks[:count]:
        assert (block in loaded.policy_text) is not block.startswith(("[node]", "[console]"))
