"""Letters that ask to confirm an address: those of services are let through though nobody vouches for them, and those
that only say so are not. All of them are weighed by the shipped model and by the signs of impersonation.
"""

import pytest

from mailock.core.classify.weighing import weigh
from mailock.core.impersonation import weigh as signs
from mailock.core.impersonation.known import Known
from mailock.core.mime.parse import parse
from mailock.core.mime.part import PartPath
from mailock.engines.impersonation.reading import letter
from mailock.engines.spam.weighing import shipped
from mailock.engines.suffixes import load, site
from tests.parts.confirming import CONFIRMING, MIMICS
from tests.parts.honest import HONEST
from tests.parts.letters import Letter
from tests.parts.reading import read

load()
SUSPECTED = 5.0


def score(one: Letter) -> float:
    octets = one.octets()
    found = signs.weigh(letter(parse(octets), site), Known(), "impersonation", PartPath("1"))
    return weigh(read(octets), shipped(), None).score + sum(finding.weight for finding in found)


@pytest.mark.parametrize("one", [*CONFIRMING, *HONEST], ids=lambda one: one.name)
def test_an_honest_letter_is_not_suspected_though_nobody_vouches_for_it(one: Letter) -> None:
    assert score(one) < SUSPECTED


@pytest.mark.parametrize("one", MIMICS, ids=lambda one: one.name)
def test_a_lure_that_says_the_same_is_suspected(one: Letter) -> None:
    assert score(one) >= SUSPECTED
