"""However octets are cut, however late answers come, the server does the same; and nothing makes it fall over."""

from hypothesis import given
from hypothesis import strategies as st

from mailock.core.smtp.server import Server
from mailock.core.smtp.server_table import State
from mailock.core.smtp.settings import ServerSettings
from tests.properties.smtp_worlds import conversations, converse, cut_at, one_by_one, settings, whole


@given(settings, conversations)
def test_whole_and_one_by_one_agree(chosen: ServerSettings, talk: list[bytes]) -> None:
    at_once = converse(Server(chosen), [whole(segment) for segment in talk], lambda: 0)
    slowly = converse(Server(chosen), [one_by_one(segment) for segment in talk], lambda: 0)
    assert at_once.compare() == slowly.compare()


@given(settings, conversations, st.data())
def test_any_cut_and_any_lateness_agree(chosen: ServerSettings, talk: list[bytes], data: st.DataObject) -> None:
    at_once = converse(Server(chosen), [whole(segment) for segment in talk], lambda: 0)
    places = st.lists(st.integers(0, 400), max_size=20)
    pieces = [cut_at(segment, data.draw(places)) for segment in talk]
    waits = data.draw(st.lists(st.integers(0, 5), max_size=30))
    cut = converse(Server(chosen), pieces, lambda: waits.pop() if waits else 0)
    assert at_once.compare() == cut.compare()


@given(settings, st.lists(st.binary(max_size=200), max_size=5))
def test_arbitrary_octets_raise_nothing(chosen: ServerSettings, talk: list[bytes]) -> None:
    server = Server(chosen)
    converse(server, [whole(segment) for segment in talk], lambda: 0)
    assert server.state is State.CLOSED


@given(settings, conversations)
def test_every_reply_is_a_line_within_bounds(chosen: ServerSettings, talk: list[bytes]) -> None:
    seen = converse(Server(chosen), [whole(segment) for segment in talk], lambda: 0)
    sent = bytes(seen.sent)
    assert sent.isascii()
    assert sent == b"" or sent.endswith(b"\r\n")
    assert sent.count(b"\r") == sent.count(b"\n") == sent.count(b"\r\n")
    assert all(len(line) <= 510 and line[:3].isdigit() for line in sent.split(b"\r\n")[:-1])
