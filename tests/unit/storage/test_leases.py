"""Who has what in hand, also while a read looks at how it was a moment ago."""

from mailock.storage.leases import Leases


def test_a_message_is_leased_until_it_is_put_back_or_committed() -> None:
    leases = Leases()
    leases.take_message(1)
    leases.take_message(2)
    assert (len(leases), leases.free_message(1), leases.free_message(3)) == (2, False, True)
    leases.put_back(1, None, ())
    leases.end_message(2)
    assert (len(leases), leases.free_message(1), leases.free_message(2)) == (0, True, True)


def test_deliveries_are_leased_one_by_one() -> None:
    leases = Leases()
    leases.take_deliveries(1, 0, [0, 1])
    leases.take_deliveries(1, 0, [1, 2])
    leases.take_deliveries(1, 1, [0])
    assert len(leases) == 4
    leases.end_deliveries(1, 0, [1, 7])
    assert [leases.free_delivery(1, 0, number) for number in range(4)] == [False, True, False, True]
    leases.put_back(1, 0, ())
    assert (len(leases), leases.free_delivery(1, 1, 0)) == (1, False)
    leases.end_all(1)
    assert len(leases) == 0


def test_ending_what_nobody_has_is_fine() -> None:
    leases = Leases()
    leases.end_all(1)
    leases.end_deliveries(1, 0, [0])
    leases.put_back(1, 0, [0])
    leases.put_back(1, None, ())
    assert len(leases) == 0


def test_what_a_commit_let_go_during_a_read_is_not_free_for_that_read() -> None:
    leases = Leases()
    leases.take_message(1)
    leases.take_deliveries(2, 0, [0])
    leases.take_message(3)
    leases.take_deliveries(4, 0, [0])
    with leases.watched() as view:
        leases.end_message(1)
        leases.end_deliveries(2, 0, [0])
        leases.end_all(4)
        leases.put_back(3, None, ())
        assert not view.free_message(1)
        assert not view.free_delivery(2, 0, 0)
        assert not view.free_delivery(4, 0, 0)
        # Nothing was done to it, so what the read found still holds.
        assert view.free_message(3)
    with leases.watched() as view:
        assert view.free_message(1)
        assert view.free_delivery(2, 0, 0)


def test_a_read_that_goes_on_hides_nothing_from_one_that_began_later() -> None:
    leases = Leases()
    leases.take_message(1)
    leases.take_deliveries(2, 0, [0])
    with leases.watched() as first:
        leases.end_message(1)
        leases.end_deliveries(2, 0, [0])
        with leases.watched() as second:
            assert (first.free_message(1), second.free_message(1)) == (False, True)
            assert (first.free_delivery(2, 0, 0), second.free_delivery(2, 0, 0)) == (False, True)
        assert not first.free_message(1)
    assert leases.free_message(1)
