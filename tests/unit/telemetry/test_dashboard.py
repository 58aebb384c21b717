"""The dashboard for Grafana shows numbers that are served, by labels that they have."""

import json
import re
from pathlib import Path

from mailock.telemetry.metrics import Metrics

FILE = Path(__file__).parents[3] / "docs" / "grafana" / "mailock.json"


def test_every_number_of_the_dashboard_is_served_with_its_labels() -> None:
    panels = json.loads(FILE.read_text())["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    served = {family.name: set(family.labels) for family in Metrics().families()}
    assert len(asked) >= 12
    for expression in asked:
        (name,) = re.findall(r"mailock_\w+", expression)
        name = name.removesuffix("_bucket")
        assert name in served, expression
        for by in re.findall(r"by \((\w+)\)", expression):
            assert by in served[name] | {"le"}, expression
