"""The hosts file, as hosts(5) has it."""

from mailock.net.hosts import read_hosts


def test_names_and_aliases_have_all_their_addresses_in_order() -> None:
    text = """
# comment
127.0.0.1\tlocalhost
::1 localhost ip6-localhost
192.0.2.1  Store.Example.COM. store   # the mail store
192.0.2.1 store
192.0.2.2 store
not-an-address store
192.0.2.3
"""
    assert read_hosts(text) == {
        "localhost": ("127.0.0.1", "::1"),
        "ip6-localhost": ("::1",),
        "store.example.com": ("192.0.2.1",),
        "store": ("192.0.2.1", "192.0.2.2"),
    }
