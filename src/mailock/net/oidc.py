"""Asks an OpenID provider who somebody is: the code flow with PKCE (OpenID Connect Core, section 3.1; RFC 7636).

Each round has a state, a nonce and a verifier of its own, and what comes back is believed only if the provider signed
it with a key of its own, for us, now, and with that nonce. Algorithms are named here, not by the token: none with a
shared secret, and never "none". Redirects are not followed: secrets go to the provider's own addresses.

Authlib and joserfc are imported where there is a provider, for they take their megabytes.
"""

import hmac
import logging
import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from mailock.config.oidc import Oidc, is_safe
from mailock.ports.people import Role

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

log: Final = logging.getLogger(__name__)
ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
CONFIGURATION: Final = "/.well-known/openid-configuration"
LEEWAY: Final = 60
"""Seconds by which the provider's clock may differ."""
LONGEST: Final = 1 << 20
"""Octets of an answer."""


class ProviderDown(OSError):
    """The provider did not answer, or not as it should; the text is a sentence for the log."""


class NotBelieved(Exception):
    """What came back does not prove who it is; the text is for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One sign-in on its way: kept by the browser, sealed, until it comes back."""

    url: str
    """Where the browser is sent."""
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Somebody whom the provider named. Without a role he belongs to no group that has one."""

    name: str
    subject: str
    """What the provider calls him for ever (section 5.7): a name may pass to somebody else."""
    role: Role | None
    systems: tuple[str, ...] = ()


class OidcProvider:
    """One provider, in one event loop."""

    def __init__(self, settings: Oidc, environment: Mapping[str, str], redirect: str) -> None:
        """`redirect` is where browsers come back to."""
        self._settings = settings
        self._environment = environment
        self._redirect = redirect
        self._metadata: dict[str, Any] = {}
        self._keys: Any = None
        self.trouble = ""
        """What is wrong with it, in a sentence; empty where the last question was answered."""

    @property
    def label(self) -> str:
        """What stands on the button."""
        return self._settings.label

    async def begin(self) -> Round:
        """A new round. Raises ProviderDown."""
        try:
            async with self._client() as client:
                told = await self._told(client)
                verifier, nonce, state = (secrets.token_urlsafe(48) for _ in range(3))
                url, _ = client.create_authorization_url(
                    told["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
                )
        except OSError as fault:
            raise self._down(fault) from fault
        return Round(url=url, state=state, nonce=nonce, verifier=verifier)

    async def finish(self, *, code: str, issuer: str | None, nonce: str, verifier: str, now: float) -> Identified:
        """Who came back with `code`; `issuer` is what came beside it (RFC 9207). Raises ProviderDown, NotBelieved."""
        try:
            async with self._client() as client:
                told = await self._told(client)
                _check_issuer(told, issuer)
                answer = await self._exchange(client, told["token_endpoint"], code, verifier)
                claims = await self._claims(client, answer, nonce, now)
                identified = self._identified(await self._more(client, claims))
        except OSError as fault:
            raise self._down(fault) from fault
        if self.trouble:
            log.info("the provider %s answers again", self._settings.issuer)
        self.trouble = ""
        return identified

    def _client(self) -> "AsyncOAuth2Client":
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        told = self._settings
        secret = told.client_secret.fetch(self._environment) if told.client_secret is not None else None
        method = "client_secret_basic" if secret else "none"
        offered = self._metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if secret and method not in offered and "client_secret_post" in offered:
            method = "client_secret_post"
        return AsyncOAuth2Client(
            client_id=told.client_id,
            client_secret=secret,
            token_endpoint_auth_method=method,
            scope=" ".join(told.scopes),
            redirect_uri=self._redirect,
            code_challenge_method="S256",
            verify=ssl.create_default_context(cafile=told.authorities),
            timeout=told.timeout.seconds,
            trust_env=False,
        )

    async def _told(self, client: "AsyncOAuth2Client") -> Mapping[str, Any]:
        """What the provider says of itself (Discovery, section 4); asked once."""
        if self._metadata:
            return self._metadata
        named = self._settings.issuer or ""
        found = await self._get(client, named.rstrip("/") + CONFIGURATION)
        if found.get("issuer") != named:
            raise OSError(f"it calls itself {found.get('issuer')!r}: write that as issuer if it is the one")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
            address = found.get(name)
            if (address is None and name != "userinfo_endpoint") or (address is not None and not is_safe(str(address))):
                raise OSError(f"its {name} is {address!r}, and no address that may be asked")
        self._metadata = found
        return found

    async def _get(self, client: "AsyncOAuth2Client", url: str, **headers: str) -> dict[str, Any]:
        """An object of the provider's. Raises OSError."""
        import httpx2

        try:
            answer = await client.request(
                "GET", url, withhold_token=True, headers={"accept": "application/json", **headers}
            )
            found = answer.json() if len(answer.content) <= LONGEST else None
        except (httpx2.HTTPError, ValueError) as fault:
            raise OSError(f"{urlsplit(url).path} was not read: {fault!r}") from fault
        if answer.status_code != 200 or not isinstance(found, dict):
            raise OSError(f"{urlsplit(url).path} is answered with {answer.status_code} and nothing to be used")
        return found

    async def _exchange(self, client: "AsyncOAuth2Client", url: str, code: str, verifier: str) -> Mapping[str, Any]:
        """What the provider gives for a code. Raises NotBelieved where it gives nothing."""
        import httpx2
        from authlib.integrations.base_client import OAuthError

        try:
            answer: Mapping[str, Any] = await client.fetch_token(
                url, grant_type="authorization_code", code=code, code_verifier=verifier
            )
        except OAuthError as fault:
            raise NotBelieved(f"the provider gives nothing for this code: {fault.error!r}") from fault
        except (httpx2.HTTPError, ValueError) as fault:
            raise OSError(f"{urlsplit(url).path} was not read: {fault!r}") from fault
        if not isinstance(answer.get("id_token"), str):
            raise NotBelieved("there is no id_token in what came for the code")
        return answer

    async def _claims(
        self, client: "AsyncOAuth2Client", answer: Mapping[str, Any], nonce: str, now: float
    ) -> dict[str, Any]:
        """What the token says, once it is proven (section 3.1.3.7). Raises NotBelieved, OSError."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError, JoseError

        told = self._settings
        try:
            keys = await self._known_keys(client)
            try:
                token = jwt.decode(answer["id_token"], keys, algorithms=ALGORITHMS)
            except InvalidKeyIdError:
                # The provider has changed its keys since they were read.
                self._keys = None
                token = jwt.decode(answer["id_token"], await self._known_keys(client), algorithms=ALGORITHMS)
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": told.issuer},
                    "aud": {"essential": True, "value": told.client_id},
                },
                params={"nonce": nonce, "client_id": told.client_id, "access_token": answer.get("access_token")},
            )
            claims.validate(now=int(now), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError) as fault:
            raise NotBelieved(f"its token proves nothing: {fault}") from fault
        return dict(claims) | {"access_token": answer.get("access_token")}

    async def _known_keys(self, client: "AsyncOAuth2Client") -> Any:
        from joserfc.jwk import KeySet

        if self._keys is None:
            found = await self._get(client, self._metadata["jwks_uri"])
            usable = [
                one
                for one in found.get("keys", ())
                if one.get("kty") in ("RSA", "EC", "OKP") and one.get("use", "sig") == "sig"
            ]
            self._keys = KeySet.import_key_set({"keys": usable})
        return self._keys

    async def _more(self, client: "AsyncOAuth2Client", claims: dict[str, Any]) -> dict[str, Any]:
        """What stands in the token, and else what the provider tells when it is asked (section 5.3)."""
        told = self._settings
        url, key = self._metadata.get("userinfo_endpoint"), claims.pop("access_token")
        if url is None or key is None or (told.name_claim in claims and told.groups_claim in claims):
            return claims
        found = await self._get(client, url, authorization=f"Bearer {key}")
        # The answer is not signed for us: it has to be of the same person (section 5.3.2).
        if found.get("sub") != claims["sub"]:
            raise NotBelieved("the provider tells of somebody else than its token does")
        return found | claims

    def _identified(self, claims: Mapping[str, Any]) -> Identified:
        told = self._settings
        name, groups = claims.get(told.name_claim), claims.get(told.groups_claim, [])
        if not isinstance(name, str) or not name:
            raise NotBelieved(f"the provider tells no {told.name_claim}: mend name_claim or scopes")
        if told.name_claim == "email" and claims.get("email_verified") is False:
            raise NotBelieved(f"the provider has not verified the address {name!r}")
        held = {str(one) for one in groups} if isinstance(groups, list) else {str(groups)}
        subject = str(claims["sub"])
        for one in told.role:
            if one.group in held:
                return Identified(name=name, subject=subject, role=one.role, systems=one.systems)
        return Identified(name=name, subject=subject, role=None)

    def _down(self, fault: OSError) -> ProviderDown:
        down = ProviderDown(f"the provider {self._settings.issuer} cannot be asked who somebody is: {fault}")
        if self.trouble != str(down):
            log.warning("%s; local accounts still sign in", down)
        self.trouble = str(down)
        return down


def _check_issuer(told: Mapping[str, Any], issuer: str | None) -> None:
    """That the code is of this provider and not of another that would have us bring it here (RFC 9207, section 2.4)."""
    is_due = bool(told.get("authorization_response_iss_parameter_supported"))
    if (issuer is None and is_due) or (issuer is not None and not hmac.compare_digest(issuer, str(told["issuer"]))):
        raise NotBelieved(f"the code came beside the issuer {issuer!r}")
