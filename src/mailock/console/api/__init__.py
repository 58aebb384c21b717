"""The API: what the pages do, for programs. JSON in, JSON out, under `/api/v1/`; faults are `{"error": SENTENCE}`."""

from typing import Final

from mailock.console.api import cache, house, messages, policy, reports, views

ROUTES: Final = [*messages.ROUTES, *policy.ROUTES, *views.ROUTES, *reports.ROUTES, *cache.ROUTES, *house.ROUTES]
