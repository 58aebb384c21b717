"""Values of the hot path are what frozen dataclasses are, but for the refusal at run time."""

from dataclasses import FrozenInstanceError, dataclass, replace

import pytest

from mailock.core.mail.address import Address
from mailock.core.mail.value import value


@value(frozen=True, slots=True, kw_only=True)
class Point:
    x: int
    y: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    x: int
    y: int = 0


def test_values_are_equal_and_hashed_by_their_fields() -> None:
    assert Point(x=1) == Point(x=1, y=0) != Point(x=1, y=1)
    assert len({Point(x=1), Point(x=1), replace(Point(x=2), x=1)}) == 1
    assert hash(Point(x=1)) == hash(Frozen(x=1))


def test_a_value_has_slots_and_no_other_attribute() -> None:
    assert not hasattr(Address("a", "b.test"), "__dict__")
    with pytest.raises(TypeError):
        Point(1)  # type: ignore[call-arg]  # its fields are given by name


def test_only_the_type_checker_refuses_an_assignment() -> None:
    frozen = Frozen(x=1)
    with pytest.raises(FrozenInstanceError):
        frozen.x = 2  # type: ignore[misc]  # what the test is about
    point = Point(x=1)
    # mypy would name this comment superfluous if it took the assignment for lawful.
    point.x = 2  # type: ignore[misc]
    assert point.x == 2
