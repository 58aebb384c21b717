"""`mailock drain`, `disable` and `enable`: whether the running gateway takes mail in."""

import time
from collections.abc import Mapping
from typing import Annotated

import typer

from mailock.cli.control import call
from mailock.cli.ending import CouldNot
from mailock.cli.output import print_facts, print_json
from mailock.cli.place import USUAL, Config, Data, data_folder

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]
LOOK_SECONDS = 1.0


def drain(
    wait: Annotated[bool, typer.Option("--wait", help="Return only once nothing is on its way any more.")] = False,
    as_json: AsJson = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Stop accepting (421), go on delivering, and say when the queue is empty. `mailock enable` ends it."""
    folder = data_folder(config, data)
    status = _asked(call(folder, "drain"))
    while wait and not status.get("empty"):
        time.sleep(LOOK_SECONDS)
        status = _asked(call(folder, "doors"))
    _print(status, as_json=as_json)


def disable(
    force: Annotated[bool, typer.Option("--force", help="Do not wait until nobody sends here any more.")] = False,
    upstream: Annotated[
        list[str] | None, typer.Option("--upstream", help="The address of a relay that sends us all our mail.")
    ] = None,
    quiet: Annotated[float, typer.Option("--quiet", min=1, help="Minutes without mail from such a relay.")] = 30.0,
    as_json: AsJson = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Take the gateway out of service: wait until no MX points here and a day has passed, then drain, then off."""
    arguments: dict[str, object] = {"force": force, "upstream": upstream or [], "quiet": quiet}
    _print(_asked(call(data_folder(config, data), "disable", arguments)), as_json=as_json)


def enable(as_json: AsJson = False, config: Config = USUAL, data: Data = None) -> None:
    """Accept mail again, after a drain or a disable."""
    _print(_asked(call(data_folder(config, data), "enable")), as_json=as_json)


def _asked(answer: object) -> Mapping[str, object]:
    if not isinstance(answer, dict):
        raise CouldNot("mailflow answered in a way that this version does not know: restart Mailock")
    return answer


def _print(status: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(status)
        return
    awaited = status.get("awaited")
    print_facts(
        (
            ("step", status.get("step")),
            ("takes mail", "yes" if status.get("takes_mail") else "no"),
            ("by", status.get("by")),
            ("since", status.get("since")),
            ("waits for", "; ".join(map(str, awaited)) if isinstance(awaited, list) else ""),
            ("risk", status.get("risk")),
            ("on its way", status.get("moving")),
            ("kept", status.get("kept")),
        )
    )
