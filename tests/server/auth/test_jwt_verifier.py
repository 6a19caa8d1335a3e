"""Which signed access tokens are accepted, and which are not."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from mcp_finesse.proxies import Proxies
from mcp_finesse.server.auth.fetching import Fetcher
from mcp_finesse.server.auth.jwt_verifier import JwtVerifier
from mcp_finesse.server.auth.signing_keys import SigningKeys
from mcp_finesse.server.auth.verifier import RejectedTokenError
from tests.server.auth.support import (
    AUDIENCE,
    EC_KEY,
    ED_KEY,
    OTHER_RSA_KEY,
    RSA_KEY,
    AuthorizationServer,
    authorization_server,
    public_jwk,
    signed,
)


class Later(NamedTuple):
    """A time, in seconds from when the token is signed."""

    seconds: int


WEAK_KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)


@pytest.fixture
async def server() -> AsyncIterator[AuthorizationServer]:
    async with authorization_server() as server:
        server.publish(
            public_jwk(RSA_KEY, "first"),
            public_jwk(EC_KEY, "curve"),
            public_jwk(ED_KEY, "edwards"),
            public_jwk(WEAK_KEY, "weak"),
            public_jwk(OTHER_RSA_KEY, "for encryption", use="enc"),
            public_jwk(OTHER_RSA_KEY, "other algorithm", alg="RS512"),
            {"kty": "oct", "kid": "secret", "k": base64.urlsafe_b64encode(b"k" * 64).decode()},
        )
        yield server


@pytest.fixture
async def verifier(server: AuthorizationServer) -> AsyncIterator[JwtVerifier]:
    fetcher = Fetcher(server.issuer, Proxies())
    yield JwtVerifier(server.issuer, AUDIENCE, SigningKeys(fetcher, server.issuer))
    await fetcher.aclose()


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"),
    [
        (RSA_KEY, "RS256", "first"), (RSA_KEY, "PS384", "first"), (EC_KEY, "ES256", "curve"),
        (ED_KEY, "EdDSA", "edwards"), (EC_KEY, "ES256", None), (OTHER_RSA_KEY, "RS512", "other algorithm"),
    ],
)  # fmt: skip
async def test_token_of_the_issuer_for_this_server_is_accepted(
    server: AuthorizationServer, verifier: JwtVerifier, key: Any, algorithm: str, kid: str | None
) -> None:
    token = signed(server.issuer, key, algorithm, kid=kid)
    assert verifier.accepts(token)
    found = await verifier.verify(token)
    assert (found.subject, found.client_id) == ("ada", "assistant")
    assert found.scopes == ["finesse:act", "finesse:read"]
    assert found.claims == {"iss": server.issuer}
    assert token not in repr(found)


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": None, "scp": "finesse:read other"}, {"scope": None, "scp": ["finesse:read", 5]},
        {"aud": ["https://other.example", AUDIENCE]}, {"exp": Later(-10)}, {"nbf": Later(10)}, {"iat": Later(10)},
        {"scope": None}, {"scope": 7}, {"client_id": None, "azp": "assistant"}, {"sub": None},
    ],
)  # fmt: skip
async def test_variants_of_other_authorization_servers_are_accepted(
    server: AuthorizationServer, verifier: JwtVerifier, claims: dict[str, Any]
) -> None:
    found = await verifier.verify(signed(server.issuer, **_dated(claims)))
    assert found.client_id == "assistant"
    assert set(found.scopes) <= {"finesse:read", "finesse:act"}


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": Later(-60)}, {"exp": None}, {"exp": "soon"}, {"exp": 10**300}, {"exp": True}, {"nbf": Later(600)},
        {"iat": Later(600)}, {"aud": "https://other.example/mcp"}, {"aud": None}, {"aud": []}, {"aud": f"{AUDIENCE}/"},
        {"aud": "https://FINESSE-MCP.example.com/mcp"}, {"aud": {"a": AUDIENCE}}, {"iss": "https://other.example"},
        {"iss": None}, {"iss": ["x"]}, {"sub": None, "client_id": None}, {"sub": 5}, {"sub": "x" * 2000},
        {"client_id": ["assistant"]}, {"cnf": {"jkt": "thumbprint"}},
    ],
)  # fmt: skip
async def test_token_with_a_wrong_claim_is_rejected(
    server: AuthorizationServer, verifier: JwtVerifier, claims: dict[str, Any]
) -> None:
    with pytest.raises(RejectedTokenError):
        await verifier.verify(signed(server.issuer, **_dated(claims)))


async def test_issuer_with_a_trailing_slash_is_another_issuer(
    server: AuthorizationServer, verifier: JwtVerifier
) -> None:
    with pytest.raises(RejectedTokenError, match="issuer"):
        await verifier.verify(signed(f"{server.issuer}/"))


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize(
    ("key", "algorithm", "kid"),
    [
        (OTHER_RSA_KEY, "RS256", "first"), (WEAK_KEY, "RS256", "weak"), (OTHER_RSA_KEY, "RS256", "for encryption"),
        (OTHER_RSA_KEY, "RS256", "other algorithm"), (RSA_KEY, "RS256", "unknown"), (RSA_KEY, "RS256", "curve"),
        (EC_KEY, "ES256", "first"), (OTHER_RSA_KEY, "RS256", None),
        ("k" * 64, "HS256", "secret"), (None, "none", "first"), (None, "none", None),
    ],
)  # fmt: skip
async def test_token_with_another_key_or_algorithm_is_rejected(
    server: AuthorizationServer, verifier: JwtVerifier, key: Any, algorithm: str, kid: str | None
) -> None:
    with pytest.raises(RejectedTokenError):
        await verifier.verify(signed(server.issuer, key, algorithm, kid=kid))


async def test_public_key_used_as_an_hmac_secret_is_rejected(
    server: AuthorizationServer, verifier: JwtVerifier
) -> None:
    public = RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header, claims = (
        {"alg": "HS256", "typ": "at+jwt", "kid": "first"},
        {"iss": server.issuer, "aud": AUDIENCE},
    )
    parts = [
        _encoded(json.dumps(part).encode()) for part in (header, claims | {"sub": "ada", "exp": Later(300)})
    ]
    signature = jwt.get_algorithm_by_name("HS256").sign(".".join(parts).encode(), public)
    with pytest.raises(RejectedTokenError, match="algorithm"):
        await verifier.verify(".".join([*parts, _encoded(signature)]))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "logout+jwt"},
        {"typ": "dpop+jwt"},
        {"typ": 5},
        {"crit": ["exp"], "exp": 1},
        {"kid": "x" * 5000},
    ],
)
async def test_token_with_another_header_is_rejected(
    server: AuthorizationServer, verifier: JwtVerifier, header: dict[str, Any]
) -> None:
    with pytest.raises(RejectedTokenError):
        await verifier.verify(signed(server.issuer, header=header))


async def test_key_in_the_header_of_a_token_is_not_used(
    server: AuthorizationServer, verifier: JwtVerifier
) -> None:
    header = {"jwk": public_jwk(OTHER_RSA_KEY, "first"), "jku": "http://127.0.0.1:1/keys"}
    with pytest.raises(RejectedTokenError, match="Signature"):
        await verifier.verify(signed(server.issuer, OTHER_RSA_KEY, header=header))


async def test_every_changed_character_of_a_token_is_noticed(
    server: AuthorizationServer, verifier: JwtVerifier
) -> None:
    token = signed(server.issuer)
    await verifier.verify(token)
    for place in range(0, len(token) - 3, 7):  # the last characters of a part may not count
        other = "A" if token[place] != "A" else "B"
        if token[place] != "." and "." not in token[place + 1 : place + 3]:
            with pytest.raises(RejectedTokenError):
                await verifier.verify(token[:place] + other + token[place + 1 :])


@pytest.mark.parametrize(
    "token",
    [
        "..", "a.b.c", ".".join(["e30"] * 3), "[" * 5000 + "..",
        base64.urlsafe_b64encode(b"[" * 9000).decode() + ".e30.x",
    ],
)  # fmt: skip
async def test_text_that_is_no_token_is_rejected(verifier: JwtVerifier, token: str) -> None:
    with pytest.raises(RejectedTokenError):
        await verifier.verify(token)


async def test_deeply_nested_claims_are_rejected(server: AuthorizationServer, verifier: JwtVerifier) -> None:
    header = _encoded(json.dumps({"alg": "RS256", "typ": "at+jwt", "kid": "first"}).encode())
    claims = _encoded(b'{"a":' + b"[" * 9000 + b"]" * 9000 + b"}")
    signature = jwt.get_algorithm_by_name("RS256").sign(f"{header}.{claims}".encode(), RSA_KEY)
    with pytest.raises(RejectedTokenError):
        await verifier.verify(f"{header}.{claims}.{_encoded(signature)}")


def _dated(claims: dict[str, Any]) -> dict[str, Any]:
    now = int(time.time())
    return {
        name: now + value.seconds if isinstance(value, Later) else value for name, value in claims.items()
    }


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize(
    ("key", "algorithm", "to_jwk"),
    [
        (RSA_KEY, "RS256", RSAAlgorithm.to_jwk),
        (EC_KEY, "ES256", ECAlgorithm.to_jwk),
        (ED_KEY, "EdDSA", OKPAlgorithm.to_jwk),
    ],
)
async def test_published_private_key_verifies_no_token(
    server: AuthorizationServer, verifier: JwtVerifier, key: Any, algorithm: str, to_jwk: Any
) -> None:
    """Everyone could sign tokens with it."""
    private = {name: value for name, value in to_jwk(key, as_dict=True).items() if name != "key_ops"}
    server.publish({**private, "kid": "first"})
    with pytest.raises(RejectedTokenError, match="no key"):
        await verifier.verify(signed(server.issuer, key, algorithm))
