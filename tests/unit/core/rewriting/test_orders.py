"""Orders as a document of the queue."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailock.core.lifecycle.copies import Disposition
from mailock.core.mime.part import PartPath
from mailock.core.rewriting.edits import (
    AddText,
    Edit,
    GuardLink,
    Place,
    PrefixSubject,
    RemoveHeader,
    ReplaceLink,
    SetHeader,
    StripPart,
)
from mailock.core.rewriting.orders import Orders, Sealed, Unreadable, read_orders, write_orders

PARTS = st.sampled_from(["1", "1.2", "1.2/zip:3", "1/split2:1"]).map(PartPath)
EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.builds(StripPart, part=PARTS, text=st.text(), name=st.text()),
    st.builds(GuardLink, part=PARTS, untrusted_raw=st.text(), untrusted_url=st.text(), recipient=st.text()),
    st.builds(ReplaceLink, part=PARTS, untrusted_raw=st.text(), replacement=st.text(), clickable=st.booleans()),
    st.builds(PrefixSubject, text=st.text()),
    st.builds(SetHeader, name=st.text(), value=st.text()),
    st.builds(RemoveHeader, name=st.text(), beginning=st.text()),
    st.builds(AddText, text=st.text(), place=st.sampled_from(Place), once_per_thread=st.booleans(), html=st.text()),
)


@given(st.lists(EDITS, min_size=1), st.sampled_from(Sealed), st.sampled_from(Disposition), st.text())
def test_orders_come_back(edits: list[Edit], sealed: Sealed, if_unfit: Disposition, kept_as: str) -> None:
    orders = Orders(edits=tuple(edits), sealed=sealed, if_unfit=if_unfit, quarantine_class=kept_as)
    assert read_orders(write_orders(orders)) == orders


def test_lone_surrogates_come_back() -> None:
    edit = ReplaceLink(part=PartPath("1"), untrusted_raw="http://\udc80/", replacement="x", clickable=False)
    assert read_orders(write_orders(Orders(edits=(edit,)))).edits == (edit,)


def test_no_edits_are_no_orders() -> None:
    assert write_orders(Orders(edits=())) == b""
    assert read_orders(b"") == Orders(edits=())


@pytest.mark.parametrize(
    "document",
    [
        b"{",
        b"[]",
        b"7",
        b"\xff",
        b'{"version":2}',
        b'{"version":1}',
        b'{"version":1,"edits":[{"kind":"burn"}],"sealed":"unfit","if_unfit":"deliver","class":""}',
        b'{"version":1,"edits":[{"kind":"subject","words":"x"}],"sealed":"unfit","if_unfit":"deliver","class":""}',
    ],
)
def test_what_is_no_orders_is_refused(document: bytes) -> None:
    with pytest.raises(Unreadable):
        read_orders(document)


def test_a_newer_version_is_named() -> None:
    newer = json.loads(write_orders(Orders(edits=(PrefixSubject(text="x"),)))) | {"version": 9}
    with pytest.raises(Unreadable, match="version 9"):
        read_orders(json.dumps(newer).encode())
