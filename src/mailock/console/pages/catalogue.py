"""Every page, by its handlers."""

from typing import Final

from mailock.console.pages import desks, house, messages, own, passkeys, policy, provider, queues, signing, views

ROUTES: Final = [
    *signing.ROUTES,
    *own.ROUTES,
    *passkeys.ROUTES,
    *provider.ROUTES,
    *views.ROUTES,
    *desks.ROUTES,
    *messages.ROUTES,
    *queues.ROUTES,
    *policy.ROUTES,
    *house.ROUTES,
]
