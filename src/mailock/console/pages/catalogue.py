"""Every page, by its handlers."""

from typing import Final

from mailock.console.pages import (
    cache,
    desks,
    house,
    messages,
    own,
    passkeys,
    policy,
    provider,
    queues,
    reports,
    signing,
    start,
    views,
)

ROUTES: Final = [
    *signing.ROUTES,
    *own.ROUTES,
    *passkeys.ROUTES,
    *provider.ROUTES,
    *views.ROUTES,
    *desks.ROUTES,
    *reports.ROUTES,
    *messages.ROUTES,
    *queues.ROUTES,
    *policy.ROUTES,
    *start.ROUTES,
    *house.ROUTES,
    *cache.ROUTES,
]
