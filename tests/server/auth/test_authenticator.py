"""The choice of the way in which a token is verified."""

from __future__ import annotations

import pytest

from mcp_finesse.server.auth.authenticator import AuthConfig, Authenticator, OAuthConfig
from mcp_finesse.server.auth.token_file import PREFIX
from mcp_finesse.server.auth.verifier import RejectedTokenError
from tests.server.auth.support import authorization_server


async def test_static_token_is_not_introspected_without_a_token_file() -> None:
    async with authorization_server() as server:
        oauth = OAuthConfig(
            server.issuer, introspection_url=f"{server.issuer}/introspect", client_id="a", client_secret="b"
        )
        authenticator = Authenticator(AuthConfig(oauth=oauth), "http://127.0.0.1:8765/mcp")
        with pytest.raises(RejectedTokenError):
            await authenticator.verify(f"{PREFIX}{'a' * 40}")
        await authenticator.aclose()
        assert server.asked == []
