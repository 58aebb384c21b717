"""The tables of both sides are whole, and agree with what RFC 5321 asks."""

from mailock.core.smtp.client_table import PATIENCE as CLIENT_PATIENCE
from mailock.core.smtp.client_table import STAGES, Phase
from mailock.core.smtp.server_commands import STREAMS
from mailock.core.smtp.server_table import ORDER, PATIENCE, State, misplaced


def test_every_state_and_phase_has_its_patience() -> None:
    assert set(PATIENCE) == set(State)
    assert set(CLIENT_PATIENCE) == set(STAGES) == set(Phase)


def test_a_server_waits_five_minutes_at_least() -> None:
    for state in (State.GREETED, State.HELLO, State.MAIL, State.RCPT, State.DATA):
        assert PATIENCE[state].read >= 300


def test_a_client_waits_as_long_as_it_must() -> None:
    wanted = {Phase.GREETING: 300, Phase.ENVELOPE: 300, Phase.BODY: 180, Phase.FINAL: 600}
    for phase, seconds in wanted.items():
        assert CLIENT_PATIENCE[phase].read >= seconds


def test_no_command_is_looked_at_where_octets_stream() -> None:
    for states, _ in ORDER.values():
        assert not states & {State.DATA, State.CHUNK, State.SKIP, State.TLS, State.CLOSED, State.AUTH}
    assert set(STREAMS) == {State.DATA, State.CHUNK, State.SKIP}


def test_quit_is_heard_wherever_commands_are() -> None:
    heard = frozenset[State]().union(*(states for states, _ in ORDER.values()))
    assert ORDER[b"QUIT"][0] == heard


def test_misplaced_commands_are_503() -> None:
    for verb, (states, _) in ORDER.items():
        for state in set(State) - states:
            assert misplaced(verb, state).code == 503
