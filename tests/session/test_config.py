"""Validation of the session configuration."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.proxies import Proxies
from mcp_finesse.session import SessionConfig

ADA = Credentials("1001", SecretStr("pa55word"))


@pytest.mark.parametrize("url", ["", "finesse.example.com", "ftp://finesse.example.com", "https://"])
def test_malformed_url_is_rejected(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="FINESSE_URL"):
        SessionConfig(url, ADA, tmp_path)


def test_http_url_requires_allow_insecure(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="FINESSE_ALLOW_INSECURE"):
        SessionConfig("http://finesse.example.com:8082", ADA, tmp_path)
    SessionConfig("http://finesse.example.com:8082", ADA, tmp_path, allow_insecure=True)


def test_malformed_notification_url_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not an address of a Notification Service"):
        SessionConfig("https://finesse.example.com:8445", ADA, tmp_path, notification_urls=("here",))


def test_unsupported_proxy_is_rejected_by_the_configuration(tmp_path: Path) -> None:
    proxies = Proxies.of(None, {"HTTPS_PROXY": "socks5://u:hunter2@p"}, ssl.create_default_context)
    with pytest.raises(ConfigurationError, match="SOCKS") as caught:
        SessionConfig("https://finesse.example.com:8445", ADA, tmp_path, proxies=proxies)
    assert "hunter2" not in str(caught.value)
    SessionConfig("https://localhost:8445", ADA, tmp_path, proxies=proxies)


def test_repr_does_not_show_the_password(tmp_path: Path) -> None:
    assert "pa55word" not in repr(SessionConfig("https://finesse.example.com:8445", ADA, tmp_path))
