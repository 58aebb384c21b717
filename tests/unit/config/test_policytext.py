"""What a revision holds: the administrator's own text with its comments, without [node] and [console]."""

from textwrap import dedent

from mailock.config.load import load

FILE = dedent('''\
    # The head of the file.

    # about the node
    [node]
    hostname = "mx1.example.com"   # gone
    # also gone

    # Rules: stay.
    [[mta.forwarding]]
    next_hop = "0.0.0.0"  # stays

    [console]
    listen = "127.0.0.1:8081"
    # of the console

    [mta.limits]
    # About errors.
    errors = 30
    [mta.signature]
    text = """
    # not a comment
    [node]
    # text""" # end
    [alerts]
    # last words
''')

POLICY = dedent('''\
    # The head of the file.

    # Rules: stay.
    [[mta.forwarding]]
    next_hop = "0.0.0.0"  # stays

    [mta.limits]
    # About errors.
    errors = 30
    [mta.signature]
    text = """
    # not a comment
    [node]
    # text""" # end
    [alerts]
    # last words
''')


def test_the_sections_of_the_machine_are_left_out_and_comments_stay() -> None:
    assert load(FILE).policy_text == POLICY


def test_line_ends_do_not_matter() -> None:
    assert load(FILE.replace("\n", "\r\n")).policy_text == POLICY


def test_what_is_left_says_the_same_and_stays_as_it_is() -> None:
    again = load(POLICY)
    assert again.settings.policy == load(FILE).settings.policy
    assert again.policy_text == POLICY


def test_keys_at_the_top_of_the_file_are_left_out_too() -> None:
    text = 'node.hostname = "a.example"\nmta.port = 2525\nconsole = { listen = "127.0.0.1:1" }\n'
    loaded = load(text)
    assert loaded.settings.node.hostname == "a.example"
    assert loaded.policy_text == "mta.port = 2525\n"


def test_a_last_line_that_looks_like_a_comment_is_text() -> None:
    text = "[mta.signature]\ntext = '''\n# x'''\n[node]\nworkers = 1\n"
    assert load(text).policy_text == "[mta.signature]\ntext = '''\n# x'''\n"
