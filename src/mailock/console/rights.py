"""The one table that says what each route needs. A route that is not in it answers nobody, and the tests walk it.

Written as the routes are: method, then the path with its parameters.
"""

from typing import Final

from mailock.ports.people import Right

PUBLIC: Final = None
"""For whoever comes: signing in, and the files that pages are made of."""
ROUTES: Final[dict[str, Right | None]] = {
    "GET /static/{name}": PUBLIC,
    "GET /sign-in": PUBLIC,
    "POST /sign-in": PUBLIC,
    "GET /sign-in/once/{secret}": PUBLIC,
    "POST /sign-in/once/{secret}": PUBLIC,
    "GET /sign-in/provider": PUBLIC,
    "GET /sign-in/provider/return": PUBLIC,
    "POST /sign-in/passkey": PUBLIC,
    "POST /sign-in/passkey/shown": PUBLIC,
    # One's own account.
    "GET /": Right.OWN,
    "POST /sign-out": Right.OWN,
    "GET /me": Right.OWN,
    "POST /me/password": Right.OWN,
    "POST /me/totp": Right.OWN,
    "POST /me/totp/remove": Right.OWN,
    "POST /me/passkeys": Right.OWN,
    "POST /me/passkeys/begin": Right.OWN,
    "POST /me/passkeys/remove": Right.OWN,
    "POST /me/tokens": Right.OWN,
    "POST /me/tokens/remove": Right.OWN,
    # Messages, queue, quarantine.
    "GET /messages": Right.TRACK,
    "GET /messages/export/{form}": Right.TRACK,
    "GET /messages/{name}": Right.TRACK,
    "POST /messages/{name}/content": Right.READ_CONTENT,
    "POST /messages/{name}/preview": Right.READ_CONTENT,
    "GET /queue": Right.SEE_QUEUE,
    "POST /queue/{act}": Right.ACT_QUEUE,
    "GET /shunt": Right.SEE_QUEUE,
    "POST /shunt/{act}": Right.ACT_QUEUE,
    "GET /quarantine": Right.SEE_QUARANTINE,
    "POST /quarantine/{act}": Right.ACT_QUARANTINE,
    # Views.
    "GET /views": Right.VIEWS,
    "POST /views": Right.VIEWS,
    "GET /views/{name}": Right.VIEWS,
    "GET /views/{name}/edit": Right.VIEWS,
    "POST /views/{name}/edit": Right.VIEWS,
    "GET /views/{name}/export/{form}": Right.VIEWS,
    "GET /live": Right.VIEWS,
    "GET /reports": Right.VIEWS,
    "POST /reports": Right.VIEWS,
    "POST /reports/{act}": Right.VIEWS,
    # Policy.
    "GET /policy": Right.SEE_POLICY,
    "GET /policy/history": Right.SEE_POLICY,
    "GET /policy/history/{number}": Right.SEE_POLICY,
    "GET /policy/settings": Right.SEE_POLICY,
    "GET /policy/draft": Right.INSTALL_POLICY,
    "POST /policy/draft": Right.INSTALL_POLICY,
    "POST /policy/settings": Right.INSTALL_POLICY,
    "POST /policy/rollback": Right.INSTALL_POLICY,
    # The first steps.
    "GET /start": Right.INSTALL_POLICY,
    "POST /start": Right.INSTALL_POLICY,
    "POST /start/test": Right.INSTALL_POLICY,
    "GET /start/watch/{name}": Right.INSTALL_POLICY,
    # The machine and its people.
    "GET /health": Right.SEE_HEALTH,
    "GET /alerts/latest": Right.SEE_HEALTH,
    "POST /health/doctor": Right.SEE_HEALTH,
    "POST /health/alert": Right.ACT_QUEUE,
    "GET /cache": Right.SEE_HEALTH,
    "POST /cache/forget": Right.INSTALL_POLICY,
    "GET /audit": Right.SEE_AUDIT,
    "GET /people": Right.MANAGE_PEOPLE,
    "POST /people": Right.MANAGE_PEOPLE,
    "POST /people/change": Right.MANAGE_PEOPLE,
    "POST /people/once": Right.MANAGE_PEOPLE,
    "POST /people/remove": Right.MANAGE_PEOPLE,
    # The same for programs.
    "GET /api/v1": Right.OWN,
    "GET /api/v1/{path}": Right.OWN,
    "GET /api/v1/openapi.json": Right.OWN,
    "GET /api/v1/me": Right.OWN,
    "GET /api/v1/messages": Right.TRACK,
    "GET /api/v1/messages/{name}": Right.TRACK,
    "POST /api/v1/messages/{name}/content": Right.READ_CONTENT,
    "POST /api/v1/messages/{name}/preview": Right.READ_CONTENT,
    "GET /api/v1/queue": Right.SEE_QUEUE,
    "GET /api/v1/queue/{name}": Right.SEE_QUEUE,
    "POST /api/v1/queue/{name}": Right.ACT_QUEUE,
    "GET /api/v1/shunt": Right.SEE_QUEUE,
    "POST /api/v1/shunt/{name}": Right.ACT_QUEUE,
    "GET /api/v1/quarantine": Right.SEE_QUARANTINE,
    "GET /api/v1/quarantine/{name}": Right.SEE_QUARANTINE,
    "POST /api/v1/quarantine/{name}": Right.ACT_QUARANTINE,
    "GET /api/v1/policy": Right.SEE_POLICY,
    "GET /api/v1/policy/history": Right.SEE_POLICY,
    "GET /api/v1/policy/history/{number}": Right.SEE_POLICY,
    "POST /api/v1/policy/check": Right.SEE_POLICY,
    "POST /api/v1/policy/diff": Right.SEE_POLICY,
    "POST /api/v1/policy/what-if": Right.SEE_POLICY,
    "POST /api/v1/policy/install": Right.INSTALL_POLICY,
    "POST /api/v1/policy/rollback": Right.INSTALL_POLICY,
    "GET /api/v1/views": Right.VIEWS,
    "POST /api/v1/views": Right.VIEWS,
    "GET /api/v1/views/{name}": Right.VIEWS,
    "PUT /api/v1/views/{name}": Right.VIEWS,
    "DELETE /api/v1/views/{name}": Right.VIEWS,
    "GET /api/v1/views/{name}/definition": Right.VIEWS,
    "POST /api/v1/query": Right.VIEWS,
    "GET /api/v1/reports": Right.VIEWS,
    "POST /api/v1/reports": Right.VIEWS,
    "DELETE /api/v1/reports/{number}": Right.VIEWS,
    "GET /api/v1/health": Right.SEE_HEALTH,
    "GET /api/v1/alerts": Right.SEE_HEALTH,
    "POST /api/v1/health/doctor": Right.SEE_HEALTH,
    "POST /api/v1/alerts/test": Right.ACT_QUEUE,
    "GET /api/v1/cache": Right.SEE_HEALTH,
    "POST /api/v1/cache/forget": Right.INSTALL_POLICY,
    "GET /api/v1/audit": Right.SEE_AUDIT,
    "GET /api/v1/people": Right.MANAGE_PEOPLE,
}


class NoRight(Exception):
    """A route is not in the table: nobody may use it."""


def needed(method: str, template: str) -> Right | None:
    """What a route needs; None where it is public. Raises NoRight."""
    key = f"{'GET' if method == 'HEAD' else method} {template}"
    if key not in ROUTES:
        raise NoRight(f"{key} is in no table of rights")
    return ROUTES[key]
