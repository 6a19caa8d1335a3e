"""``mcp-finesse serve --transport http`` with authentication, TLS, and settings that must not start."""

from __future__ import annotations

import re
import ssl
import sys
from pathlib import Path

import httpx2
import pytest
import trustme
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from mcp_finesse.cli import run as run_command
from mcp_finesse.cli.serve import _auth, _exposure
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.server import AuthConfig, Exposure, TokenFile
from mcp_finesse.settings import load_settings
from tests.cli.support import Command, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

HTTP = ("serve", "--simulator", "--transport", "http", "--port", "0")


@pytest.fixture(autouse=True)
def no_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


async def test_client_with_a_token_is_served_over_tls_and_the_audit_names_it(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    pem = tmp_path / "server.pem"
    issued.private_key_and_cert_chain_pem.write_to_path(pem)
    pem.chmod(0o600)
    file, audit = tmp_path / "tokens.json", tmp_path / "audit.jsonl"
    token = TokenFile(file).create("ada", ["finesse:read"])
    flags = ("--tls-cert", str(pem), "--token-file", str(file), "--audit", str(audit))
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    async with Command.started(tmp_path, *HTTP, *flags) as server:
        url = (await server.said(r"Serving MCP at (https://127\.0\.0\.1:\d+/mcp)"))[1]
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers, verify=trusted, trust_env=False) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            assert not (await client.call_tool("get_session_status", {})).is_error
        async with httpx2.AsyncClient(verify=trusted, trust_env=False) as http:
            assert (await http.post(url)).status_code == 401
            assert (await http.get(url.replace("/mcp", "/healthz"))).content == b""
        server.end_input()
    assert re.search(r'"caller": ?"ada"', audit.read_text())
    assert token not in audit.read_text()


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"host": "0.0.0.0"}, "FINESSE_TOKEN_FILE or FINESSE_OAUTH_ISSUER"),
        ({"host": "0.0.0.0", "allowed_hosts": "x.example"}, "everyone who can reach this machine"),
        ({"behind_tls_proxy": "true"}, "The reverse proxy would serve everyone"),
        ({"host": "0.0.0.0", "oauth_issuer": "https://login.example.com"}, "FINESSE_TLS_CERT and FINESSE_TLS_KEY"),
        ({"oauth_audience": "x"}, "FINESSE_OAUTH_AUDIENCE has no effect without FINESSE_OAUTH_ISSUER"),
        ({"token_file": "missing.json"}, "mcp-finesse token create"),
    ],
)  # fmt: skip
async def test_unsafe_or_useless_settings_end_the_start_with_the_reason(
    settings: dict[str, str], problem: str, tmp_path: Path
) -> None:
    ended = await run(tmp_path, *HTTP, settings=settings)
    assert ended.status == 2
    assert problem in ended.err
    assert "Traceback" not in ended.err


def test_settings_become_the_configuration_of_the_server() -> None:
    settings = load_settings(
        public_url="https://finesse-mcp.example.com/mcp",
        tls_cert="cert.pem",
        behind_tls_proxy=True,
        token_file="tokens.json",
        oauth_issuer="https://login.example.com",
        oauth_audience="finesse",
        oauth_introspection_url="https://login.example.com/introspect",
        oauth_client_id="mcp",
        oauth_client_secret="canary",
    )
    assert _exposure(settings) == Exposure(
        "https://finesse-mcp.example.com/mcp", Path("cert.pem"), None, behind_tls_proxy=True
    )
    auth = _auth(settings)
    assert auth.token_file == Path("tokens.json")
    assert auth.oauth is not None
    assert (auth.oauth.issuer, auth.oauth.audience) == ("https://login.example.com", "finesse")
    assert (auth.oauth.client_id, auth.oauth.client_secret) == ("mcp", "canary")
    assert "canary" not in repr(auth)
    assert "canary" not in repr(settings)


def test_no_authentication_is_configured_by_default() -> None:
    assert _auth(load_settings()) == AuthConfig()
    assert not _auth(load_settings()).required


def test_secret_without_an_issuer_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="FINESSE_OAUTH_CLIENT_SECRET has no effect"):
        _auth(load_settings(oauth_client_secret="x"))


def test_misspelled_variable_of_the_token_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FINESSE_TOKEN_FIEL", "tokens.json")
    assert run_command(["serve", "--simulator", "--transport", "http"]) == 2
    assert "Did you mean FINESSE_TOKEN_FILE?" in capsys.readouterr().err
