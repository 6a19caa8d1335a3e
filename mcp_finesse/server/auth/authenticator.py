"""Verifies access tokens. The format of a token determines which configured verifier is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mcp.server.auth.provider import AccessToken

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.proxies import Proxies
from mcp_finesse.server.auth.fetching import Fetcher, check_address
from mcp_finesse.server.auth.introspection import Introspection
from mcp_finesse.server.auth.jwt_verifier import JwtVerifier
from mcp_finesse.server.auth.signing_keys import SigningKeys
from mcp_finesse.server.auth.static_verifier import StaticVerifier
from mcp_finesse.server.auth.token_file import PREFIX, TokenFile
from mcp_finesse.server.auth.verifier import MAX_TOKEN, RejectedTokenError, Verifier

_TOKEN_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=")


@dataclass(frozen=True, slots=True)
class OAuthConfig:
    """An authorization server whose access tokens are accepted.

    Attributes:
        issuer: The issuer.
        audience: The resource that tokens must be issued for; None for the URL of this server.
        jwks_url: The address of the issuer's keys; None to read the address from the issuer's metadata.
        introspection_url: The endpoint that verifies each token; None to verify tokens as JWTs.
        client_id: The client id of this server, for introspection.
        client_secret: The client secret of this server, for introspection.
        proxies: Selects the proxy to the authorization server.
    """

    issuer: str
    audience: str | None = None
    jwks_url: str | None = None
    introspection_url: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    proxies: Proxies = field(default_factory=Proxies)


@dataclass(frozen=True, slots=True)
class AuthConfig:
    """How clients authenticate. Without a token file and OAuth, every client is accepted.

    Attributes:
        token_file: The file of the static tokens, or None.
        oauth: The authorization server, or None.
    """

    token_file: Path | None = None
    oauth: OAuthConfig | None = None

    @property
    def required(self) -> bool:
        """Whether clients must authenticate."""
        return self.token_file is not None or self.oauth is not None


class Authenticator:
    """Verifies access tokens.

    Args:
        config: The token file, the authorization server, or both.
        resource: The URL of this server, which is the default audience.

    Raises:
        ConfigurationError: An address is not allowed, a setting is missing, or the token file cannot be used.
    """

    def __init__(self, config: AuthConfig, resource: str) -> None:
        self._verifiers: list[Verifier] = []
        self._fetchers: list[Fetcher] = []
        self._keys: SigningKeys | None = None
        if config.token_file is not None:
            self._verifiers.append(StaticVerifier(TokenFile(config.token_file)))
        if config.oauth is not None:
            check_oauth(config.oauth)
            self._verifiers.append(self._oauth(config.oauth, config.oauth.audience or resource))

    def _oauth(self, oauth: OAuthConfig, audience: str) -> Verifier:
        if oauth.introspection_url is None:
            fetcher = self._fetcher(oauth.jwks_url or oauth.issuer, oauth)
            self._keys = SigningKeys(fetcher, oauth.issuer, oauth.jwks_url)
            return JwtVerifier(oauth.issuer, audience, self._keys)
        return Introspection(
            self._fetcher(oauth.introspection_url, oauth),
            oauth.introspection_url,
            oauth.client_id or "",
            oauth.client_secret or "",
            issuer=oauth.issuer,
            audience=audience,
        )

    def _fetcher(self, url: str, oauth: OAuthConfig) -> Fetcher:
        fetcher = Fetcher(url, oauth.proxies)
        self._fetchers.append(fetcher)
        return fetcher

    async def verify(self, token: str) -> AccessToken:
        """Verify a token and return its properties. See ``Verifier.verify``."""
        if not token or len(token) > MAX_TOKEN or not _TOKEN_CHARACTERS.issuperset(token):
            raise RejectedTokenError("it has characters or a length that no token has")
        is_static = token.startswith(PREFIX)
        for verifier in self._verifiers:
            if is_static and not isinstance(verifier, StaticVerifier):
                continue  # a static token is a secret, which no other server may see
            if verifier.accepts(token):
                return await verifier.verify(token)
        raise RejectedTokenError("no configured verifier accepts its format")

    async def aclose(self) -> None:
        """Close the connections to the authorization server."""
        if self._keys is not None:
            await self._keys.aclose()
        for fetcher in self._fetchers:
            await fetcher.aclose()


def check_oauth(oauth: OAuthConfig) -> None:
    """Reject settings that cannot work or would send tokens unencrypted.

    Raises:
        ConfigurationError: A setting is invalid or missing.
    """
    addresses: Sequence[tuple[str, str | None]] = (
        ("FINESSE_OAUTH_ISSUER", oauth.issuer),
        ("FINESSE_OAUTH_JWKS_URL", oauth.jwks_url),
        ("FINESSE_OAUTH_INTROSPECTION_URL", oauth.introspection_url),
    )
    for name, url in addresses:
        if url is not None:
            check_address(name, url)
    if oauth.introspection_url is None:
        if oauth.client_id or oauth.client_secret:
            raise ConfigurationError(
                "FINESSE_OAUTH_CLIENT_ID and FINESSE_OAUTH_CLIENT_SECRET have no effect without introspection.",
                advice="Set FINESSE_OAUTH_INTROSPECTION_URL, or remove both settings.",
            )
    elif not (oauth.client_id and oauth.client_secret):
        raise ConfigurationError(
            "Introspection requires FINESSE_OAUTH_CLIENT_ID and FINESSE_OAUTH_CLIENT_SECRET.",
            advice="Register this server as a client at the authorization server.",
        )
    elif oauth.jwks_url is not None:
        raise ConfigurationError(
            "FINESSE_OAUTH_JWKS_URL has no effect with FINESSE_OAUTH_INTROSPECTION_URL.",
            advice="Remove one of the two settings: tokens are verified either by their signature or by introspection.",
        )
