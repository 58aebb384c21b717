"""Drives the steps of a check with somebody who knows the answers, at once. The engine has a driver that waits."""

from collections.abc import Callable

from mailock.core.authentication.questions import Question, Reply, Steps, T


def run(steps: Steps[T], answer: Callable[[Question], Reply]) -> T:
    """What the steps come to. `answer` is called once for each question, in order."""
    try:
        question = next(steps)
        while True:
            question = steps.send(answer(question))
    except StopIteration as end:
        result: T = end.value
        return result
