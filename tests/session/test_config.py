"""What a session needs to know."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.session import SessionConfig

ADA = Credentials("1001", SecretStr("pa55word"))


@pytest.mark.parametrize("url", ["", "finesse.example.com", "ftp://finesse.example.com", "https://"])
def test_an_address_must_be_one(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="FINESSE_URL"):
        SessionConfig(url, ADA, tmp_path)


def test_an_address_without_encryption_must_be_allowed_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="FINESSE_ALLOW_INSECURE"):
        SessionConfig("http://finesse.example.com:8082", ADA, tmp_path)
    config = SessionConfig("http://finesse.example.com:8082", ADA, tmp_path, allow_insecure=True)
    assert config.notification_url == "ws://finesse.example.com:8082/ws"


def test_the_notification_service_is_beside_rest_unless_told_otherwise(tmp_path: Path) -> None:
    url = "https://finesse.example.com:8445"
    assert SessionConfig(url, ADA, tmp_path).notification_url == "wss://finesse.example.com:8445/ws"
    other = "wss://finesse.example.com:7443/ws"
    assert SessionConfig(url, ADA, tmp_path, websocket_url=other).notification_url == other


def test_the_password_does_not_show(tmp_path: Path) -> None:
    assert "pa55word" not in repr(SessionConfig("https://finesse.example.com:8445", ADA, tmp_path))
