"""The application: every route, behind the gate. Made with a `Means`, served by the role `console`."""

from typing import Final

from litestar import Litestar
from litestar.config.app import AppConfig
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute

import mailock
from mailock.console.api import ROUTES as API
from mailock.console.api.describing import describe_faults
from mailock.console.counts import Counts
from mailock.console.faults import handlers
from mailock.console.gate import LARGEST_BODY, Doorkeeper, add_headers, may_pass
from mailock.console.live import Pulse
from mailock.console.means import Means
from mailock.console.pages.catalogue import ROUTES as PAGES
from mailock.console.reports import Clockwork
from mailock.console.rights import ROUTES
from mailock.console.seals import Seals

_API: Final = OpenAPIConfig(
    title="Mailock",
    path="/api/v1",
    render_plugins=[JsonRenderPlugin(path="/openapi.json")],
    version=mailock.__version__,
    description="What the pages of the console do, for programs. Send `Authorization: Bearer TOKEN`.",
    components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
    security=[{"token": []}],
    use_handler_docstrings=True,
)


def application(means: Means) -> Litestar:
    """The application. Raises ValueError where the table of rights and the routes differ."""
    pulse, counts = Pulse(means), Counts()
    reports = Clockwork(means, counts)
    made = Litestar.from_config(
        AppConfig(
            route_handlers=[*PAGES, *API],
            guards=[may_pass],
            middleware=[DefineMiddleware(Doorkeeper)],
            exception_handlers=handlers(),
            before_send=[add_headers],
            state=State({"means": means, "pulse": pulse, "counts": counts, "seals": Seals()}),
            on_startup=[pulse.start, reports.start],
            on_shutdown=[reports.stop, pulse.stop, counts.close],
            openapi_config=_API,
            request_max_body_size=LARGEST_BODY,
        )
    )
    served = routes(made)
    if served != set(ROUTES):
        differing = ", ".join(sorted(served ^ set(ROUTES)))
        raise ValueError(f"the table of rights and the routes differ in {differing}")
    describe_faults(made.openapi_schema)
    return made


def routes(made: Litestar) -> set[str]:
    """Every route, written as in the table of rights."""
    return {
        f"{method} {route.path_format}"
        for route in made.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method not in ("OPTIONS", "HEAD")
    }
