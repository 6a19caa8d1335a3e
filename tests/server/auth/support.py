"""An authorization server that answers as a test wants, its keys, and tokens that it signs."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "https://finesse-mcp.example.com/mcp"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()

Writer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def public_jwk(key: Any, kid: str, **more: Any) -> dict[str, Any]:
    """Return the public key as a JWK."""
    algorithm: Any = RSAAlgorithm
    if isinstance(key, ec.EllipticCurvePrivateKey):
        algorithm = ECAlgorithm
    elif isinstance(key, ed25519.Ed25519PrivateKey):
        algorithm = OKPAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, **more}


def signed(
    issuer: str,
    key: Any = RSA_KEY,
    algorithm: str = "RS256",
    *,
    kid: str | None = "first",
    header: dict[str, Any] | None = None,
    **claims: Any,
) -> str:
    """Return an access token. A claim that is None is left out."""
    now = int(time.time())
    content = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": "ada",
        "client_id": "assistant",
        "scope": "openid finesse:read finesse:act",
        "iat": now,
        "exp": now + 300,
    } | claims
    payload = json.dumps({name: value for name, value in content.items() if value is not None})
    return jwt.PyJWS().encode(
        payload.encode(),
        key,
        algorithm,
        headers={"typ": "at+jwt"} | ({"kid": kid} if kid is not None else {}) | (header or {}),
    )


class AuthorizationServer:
    """Serves documents over HTTP on this machine.

    Attributes:
        documents: by path, the JSON to answer with, or a function that writes a response itself.
        asked: the paths of all requests, in order.
        forms: the forms of all POST requests.
        headers: the headers of the last request.
    """

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}
        self.asked: list[str] = []
        self.forms: list[dict[str, list[str]]] = []
        self.headers = ""
        self.issuer = ""

    def publish(self, *keys: dict[str, Any], **metadata: Any) -> None:
        """Publish metadata and keys as an authorization server does."""
        self.documents["/.well-known/oauth-authorization-server"] = {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/keys",
        } | metadata
        self.documents["/keys"] = {"keys": list(keys)}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split(" ")[1]
            self.asked.append(path)
            self.headers = head
            length = next(
                (int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")),
                0,
            )
            if length:
                self.forms.append(parse_qs((await reader.readexactly(length)).decode()))
            found = self.documents.get(path)
            if callable(found):
                await found(writer)
            elif found is None:
                writer.write(response(b"{}", status="404 Not Found"))
            else:
                writer.write(response(json.dumps(found).encode()))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def response(body: bytes, *, status: str = "200 OK", **headers: str) -> bytes:
    """Return an HTTP response as bytes."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


@asynccontextmanager
async def authorization_server() -> AsyncIterator[AuthorizationServer]:
    """Yield a running authorization server without documents."""
    served = AuthorizationServer()
    listener = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.issuer = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield served
    finally:
        listener.close()
