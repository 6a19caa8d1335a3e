"""Which addresses may be served, and what they require."""

from __future__ import annotations

import ssl
import sys
from pathlib import Path

import httpx
import pytest
import trustme

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.server import AuthConfig, Exposure, TokenFile, build_server, serve_http
from mcp_finesse.server.transports.exposure import is_loopback
from tests.server.support import signed_in
from tests.server.transports.test_http import served

PUBLIC = "https://finesse-mcp.example.com/mcp"
CERTIFICATE = Path("cert.pem")


@pytest.mark.parametrize(
    ("host", "exposure", "authenticated"),
    [
        ("127.0.0.1", Exposure(), False),
        ("127.0.0.1", Exposure(), True),
        ("::1", Exposure(), False),
        ("localhost", Exposure(), False),
        ("127.0.0.1", Exposure(PUBLIC, behind_tls_proxy=True), True),
        ("0.0.0.0", Exposure(PUBLIC, behind_tls_proxy=True), True),
        ("0.0.0.0", Exposure(PUBLIC, CERTIFICATE), True),
        ("127.0.0.1", Exposure(tls_cert=CERTIFICATE), False),
        ("127.0.0.1", Exposure("http://localhost:9/mcp"), False),
    ],
)
def test_loopback_or_authenticated_and_encrypted_addresses_raise_nothing(
    host: str, exposure: Exposure, authenticated: bool
) -> None:
    exposure.check(host, authenticated=authenticated, named=False)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "10.0.0.5", "finesse-mcp.example.com", "::ffff:10.0.0.5"]
)
@pytest.mark.parametrize(
    ("exposure", "authenticated", "named", "problem", "advice"),
    [
        (Exposure(), False, True, "everyone who can reach this machine", "FINESSE_TOKEN_FILE or FINESSE_OAUTH_ISSUER"),
        (Exposure(PUBLIC, CERTIFICATE), False, True, "everyone who can reach", "FINESSE_TOKEN_FILE"),
        (Exposure(PUBLIC, behind_tls_proxy=True), False, True, "everyone who can reach", "FINESSE_TOKEN_FILE"),
        (Exposure(PUBLIC), True, True, "unencrypted", "FINESSE_TLS_CERT.*FINESSE_BEHIND_TLS_PROXY=true"),
        (Exposure(tls_cert=CERTIFICATE), True, False, "refuse every request", "FINESSE_PUBLIC_URL"),
    ],
)  # fmt: skip
def test_other_addresses_require_authentication_and_tls(
    host: str, exposure: Exposure, authenticated: bool, named: bool, problem: str, advice: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"{problem}.*{advice}"):
        exposure.check(host, authenticated=authenticated, named=named)


@pytest.mark.parametrize("exposure", [Exposure(behind_tls_proxy=True), Exposure(PUBLIC)])
def test_reverse_proxy_on_this_machine_requires_authentication(exposure: Exposure) -> None:
    with pytest.raises(ConfigurationError, match="The reverse proxy would serve everyone"):
        exposure.check("127.0.0.1", authenticated=False, named=True)


@pytest.mark.parametrize(
    "url",
    [
        "", "finesse-mcp.example.com", "ftp://x.example", "http://finesse-mcp.example.com/mcp", "https:///mcp",
        "https://user:pw@x.example/mcp", "https://x.example/mcp?a=b", "https://x.example/mcp#a", "https://x.example:0",
        'https://x.example/"', "https://x.example/a b", "https://[::1", "https://x.example/\n",
    ],
)  # fmt: skip
def test_public_url_that_is_unencrypted_or_odd_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="FINESSE_PUBLIC_URL") as caught:
        Exposure(url, behind_tls_proxy=True).check("127.0.0.1", authenticated=True, named=True)
    assert "pw" not in str(caught.value)


def test_resource_is_the_public_url_or_the_address_on_this_machine() -> None:
    listening = "http://127.0.0.1:8765/mcp"
    assert Exposure(PUBLIC).resource(listening, oauth=True) == PUBLIC
    assert Exposure().resource(listening, oauth=True) == listening
    assert Exposure(behind_tls_proxy=True).resource(listening, oauth=False) == listening
    for exposure, address in (
        (Exposure(behind_tls_proxy=True), listening),
        (Exposure(tls_cert=CERTIFICATE), "https://0.0.0.0:8765/mcp"),
    ):
        with pytest.raises(ConfigurationError, match="OAuth requires the URL that clients use"):
            exposure.resource(address, oauth=True)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (PUBLIC, "finesse-mcp.example.com"),
        ("https://x.example:443/mcp", "x.example"),
        ("https://x.example:8443/mcp", "x.example:8443"),
        ("http://localhost:80", "localhost"),
        (None, None),
    ],
)
def test_host_of_the_public_url_is_written_as_clients_send_it(url: str | None, host: str | None) -> None:
    assert Exposure(url).public_host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_addresses_are_recognized(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "localhost.example.com", "127.0.0.1.example", "10.0.0.1"]
)
def test_other_addresses_are_not_loopback(host: str) -> None:
    assert not is_loopback(host)


# -- TLS


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Return the files of an authority, a certificate and its key."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    paths = tmp_path / "ca.pem", tmp_path / "cert.pem", tmp_path / "key.pem"
    authority.cert_pem.write_to_path(paths[0])
    for blob in issued.cert_chain_pems:
        blob.write_to_path(paths[1], append=True)
    issued.private_key_pem.write_to_path(paths[2])
    paths[2].chmod(0o600)
    return paths


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_certificate_serves_https_with_modern_versions_only(files: tuple[Path, Path, Path]) -> None:
    ca, cert, key = files
    trusted = ssl.create_default_context(cafile=str(ca))
    async with served(signed_in(), exposure=Exposure(tls_cert=cert, tls_key=key)) as url:
        assert url.startswith("https://127.0.0.1:")
        async with httpx.AsyncClient(verify=trusted) as http:
            assert (await http.get(url.replace("/mcp", "/healthz"))).status_code == 200
        trusted.minimum_version = ssl.TLSVersion.TLSv1
        trusted.maximum_version = ssl.TLSVersion.TLSv1_1
        async with httpx.AsyncClient(verify=trusted) as http:
            with pytest.raises(httpx.ConnectError):
                await http.get(url)


async def test_key_may_be_in_the_file_of_the_certificate(files: tuple[Path, Path, Path]) -> None:
    _, cert, key = files
    cert.write_text(key.read_text() + cert.read_text())
    cert.chmod(0o600)
    assert Exposure(tls_cert=cert).certificate() is not None


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_key_that_every_user_can_read_is_refused(files: tuple[Path, Path, Path]) -> None:
    _, cert, key = files
    key.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod o= "):
        Exposure(tls_cert=cert, tls_key=key).certificate()
    key.chmod(0o640)  # a group of services may share a key
    assert Exposure(tls_cert=cert, tls_key=key).certificate() is not None


def test_files_that_cannot_be_used_are_reported(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    ca, cert, key = files
    for exposure in (
        Exposure(tls_cert=tmp_path / "missing.pem"),
        Exposure(tls_cert=cert, tls_key=tmp_path / "missing.pem"),
        Exposure(tls_cert=ca, tls_key=key),
    ):
        with pytest.raises(ConfigurationError, match=r"TLS certificate .* cannot be used"):
            exposure.certificate()
    with pytest.raises(ConfigurationError, match="FINESSE_TLS_KEY is set without FINESSE_TLS_CERT"):
        Exposure(tls_key=key).certificate()


# -- the server


async def test_server_on_a_public_address_serves_only_its_public_name(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "tokens.json")
    headers = {"Authorization": f"Bearer {file.create('ada', ['finesse:read'])}"}
    exposure = Exposure(PUBLIC, behind_tls_proxy=True)
    auth = AuthConfig(token_file=file.path)
    async with served(signed_in(), host="0.0.0.0", exposure=exposure, auth=auth) as url:
        assert url.startswith("http://0.0.0.0:")
        async with httpx.AsyncClient() as http:
            here = url.replace("0.0.0.0", "127.0.0.1")
            for host, status in (("finesse-mcp.example.com", 401), ("finesse-mcp.example.com.evil", 421)):
                assert (await http.post(here, headers={"Host": host})).status_code == status
            named = headers | {"Host": "finesse-mcp.example.com"}
            assert (await http.post(here, headers=named)).status_code == 400  # not an MCP message


async def test_server_on_a_public_address_without_authentication_does_not_start() -> None:
    mcp = build_server(signed_in().as_session())
    with pytest.raises(ConfigurationError, match="everyone who can reach this machine"):
        await serve_http(mcp, "0.0.0.0", 0, allowed_hosts=["finesse-mcp.example"])
