"""Passkeys and security keys: what the browser is asked for, and whether what it shows proves who it is (WebAuthn).

A challenge is the digest of a ticket (`seals`), so what was asked, of whom and until when comes back with the answer
and nothing is kept for it. Keys of whatever maker are taken: no attestation is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import bytes_to_base64url, options_to_json, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mailock.console.seals import digest
from mailock.ports.people import Person
from mailock.storage.passkeys import Passkey, Passkeys

LONGEST: Final = 65_536
"""Octets of what a browser shows."""
MILLISECONDS: Final = 120_000
"""How long the browser waits for its owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Whom passkeys are made for: the host of the console, and how a browser names it (WebAuthn, section 5.1.2)."""

    host: str
    origin: str


class NotProven(Exception):
    """What the browser showed proves nothing; the text is for the developer's log."""


def party(url: str | None, host: str) -> Party | None:
    """The console's, by its address in the settings, or without one by `Host` where that is this machine.

    None where browsers make no passkeys: for numbers, and for names without TLS other than localhost.
    """
    address = url or f"http://{host}"
    found = urlsplit(address)
    name = found.hostname or ""
    is_local = name == "localhost" or name.endswith(".localhost")
    is_name = not name.replace(".", "").isdecimal() and ":" not in name
    if not name or not is_name or not (is_local or (url is not None and found.scheme == "https")):
        return None
    return Party(host=name, origin=f"{found.scheme}://{found.netloc}")


def making(here: Party, ticket: str, person: Person, handle: bytes, others: Sequence[Passkey]) -> str:
    """What the browser is to make, as JSON: a passkey for a person, in no device that holds one already."""
    return options_to_json(
        webauthn.generate_registration_options(
            rp_id=here.host,
            rp_name="Mailock",
            user_id=handle,
            user_name=person.name,
            challenge=digest(ticket),
            timeout=MILLISECONDS,
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential) for one in others],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
            ),
        )
    )


def made(here: Party, ticket: str, shown: str) -> tuple[bytes, bytes, int]:
    """Identifier, public key and counter of a passkey that the browser made. Raises NotProven."""
    try:
        found = webauthn.verify_registration_response(
            credential=_bounded(shown),
            expected_challenge=digest(ticket),
            expected_rp_id=here.host,
            expected_origin=here.origin,
        )
    except (WebAuthnException, ValueError) as fault:
        raise NotProven(str(fault)) from fault
    return found.credential_id, found.credential_public_key, found.sign_count


def asking(here: Party, ticket: str, passkeys: Sequence[Passkey]) -> str:
    """What the browser is to show, as JSON: one of these; of none, any that its owner unlocks."""
    verification = UserVerificationRequirement.PREFERRED if passkeys else UserVerificationRequirement.REQUIRED
    return options_to_json(
        webauthn.generate_authentication_options(
            rp_id=here.host,
            challenge=digest(ticket),
            timeout=MILLISECONDS,
            allow_credentials=[PublicKeyCredentialDescriptor(id=one.credential) for one in passkeys],
            user_verification=verification,
        )
    )


def proven(here: Party, ticket: str, shown: str, known: Passkeys, *, name: str) -> tuple[Passkey, int]:
    """Which passkey was shown, and its new counter. Raises NotProven.

    As a second factor it has to be one of `name`'s. Without a name it is all that is shown: then its owner has to have
    been verified by the device (a PIN, a finger), and the device has to name him too.
    """
    try:
        credential = parse_authentication_credential_json(_bounded(shown))
        passkey = known.known(credential.raw_id)
        if passkey is None:
            raise NotProven(f"no passkey {bytes_to_base64url(credential.raw_id)[:24]!r} is registered")
        if name and passkey.person != name:
            raise NotProven(f"that passkey is {passkey.person}'s")
        if not name and credential.response.user_handle != passkey.handle:
            raise NotProven("the device names somebody else than the passkey's owner")
        found = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=digest(ticket),
            expected_rp_id=here.host,
            expected_origin=here.origin,
            credential_public_key=passkey.public,
            credential_current_sign_count=passkey.count,
            require_user_verification=not name,
        )
    except (WebAuthnException, ValueError) as fault:
        raise NotProven(str(fault)) from fault
    return passkey, found.new_sign_count


def _bounded(shown: str) -> str:
    if len(shown) > LONGEST:
        raise ValueError("it is too long")
    return shown
