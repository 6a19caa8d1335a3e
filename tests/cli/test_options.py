"""From settings to the session configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import SecretStr

from mcp_finesse.cli.options import NumberRange, ecc_lengths, session_config
from mcp_finesse.credentials import Credentials, KeyringPassword, PasswordCommand, PasswordFile
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.rest import RestTimeouts
from mcp_finesse.session import SessionConfig
from mcp_finesse.settings import Settings, load_settings

FINESSE = "https://fin.example.com:8445"


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("FINESSE_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def config(**settings: Any) -> SessionConfig:
    return session_config(Settings(url=FINESSE, user="1001", password=SecretStr("secret"), **settings))


def test_timeouts_are_passed_to_the_link_and_rest() -> None:
    made = config(
        connect_timeout=3,
        request_timeout=4,
        action_timeout=50,
        ping_interval=5,
        ping_timeout=6,
        ping_misses=7,
    )
    link = made.link_timing
    assert (link.connect, link.request) == (3, 4)
    assert (link.ping_interval, link.ping_timeout, link.ping_misses) == (5, 6, 7)
    assert made.rest_timeouts == RestTimeouts(3, 4, 8)
    assert made.timing.action == 50


@pytest.mark.parametrize(("connect", "answer", "total"), [(10, 15, 30), (10, 1, 11), (1, 60, 120)])
def test_total_timeout_covers_connect_and_answer(connect: float, answer: float, total: float) -> None:
    assert RestTimeouts.of(connect, answer) == RestTimeouts(connect, answer, total)


def test_rest_timeouts_have_defaults_and_the_link_closes_quickly() -> None:
    assert config().rest_timeouts == RestTimeouts()
    assert config().link_timing.close < 1


def test_proxy_setting_overrides_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert config().proxies.to(FINESSE) is None
    monkeypatch.setenv("HTTPS_PROXY", "http://env:3128")
    monkeypatch.setenv("NO_PROXY", "10.0.0.0/8")
    for settings, expected in (
        ({}, "http://env:3128"),
        ({"proxy": SecretStr("http://own:3128")}, "http://own:3128"),
        ({"proxy": SecretStr("none")}, None),
    ):
        proxy = config(**settings).proxies.to(FINESSE)
        assert (proxy.url if proxy else None) == expected
    assert config().proxies.to("https://10.1.1.1:8445") is None


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("", None),
        ("user.order=20", {"user.order": 20}),
        (" user.order = 20 , user.note=210,", {"user.order": 20, "user.note": 210}),
    ],
)
def test_ecc_lengths_are_parsed(text: str, lengths: dict[str, int] | None) -> None:
    assert ecc_lengths(text) == lengths
    assert config(ecc_lengths=text).ecc_lengths == lengths


@pytest.mark.parametrize("text", ["user.order", "user.order=", "=20", "user.order=long", "user.order=-1"])
def test_invalid_ecc_length_is_rejected(text: str) -> None:
    with pytest.raises(ConfigurationError, match="FINESSE_ECC_LENGTHS"):
        ecc_lengths(text)


COMMAND = ["get-password", "--for", "1001"]


def credentials(**settings: Any) -> SessionConfig:
    return session_config(Settings(url=FINESSE, user="1001", **settings))


@pytest.mark.parametrize(
    ("settings", "source"),
    [
        ({"password": SecretStr("secret")}, Credentials("1001", SecretStr("secret"))),
        ({"password_file": "/run/password"}, PasswordFile("1001", Path("/run/password"), 30)),
        ({"password_keyring": "finesse"}, KeyringPassword("1001", "finesse", 30)),
        ({"password_command": COMMAND, "password_timeout": 5}, PasswordCommand("1001", COMMAND, 5)),
    ],
)
def test_password_comes_from_the_configured_source(settings: dict[str, Any], source: object) -> None:
    assert credentials(**settings).credentials == source
    administrator = {
        f"admin_{name}" if name != "password_timeout" else name: v for name, v in settings.items()
    }
    made = config(**administrator, admin_user="1001").administrator
    assert made == source


@pytest.mark.parametrize("prefix", ["", "admin_"])
def test_two_sources_of_one_password_are_rejected_without_showing_them(prefix: str) -> None:
    both = {f"{prefix}password": SecretStr("canary"), f"{prefix}password_command": "get canary"}
    with pytest.raises(ConfigurationError, match="one place only") as caught:
        session_config(Settings(url=FINESSE, **{f"{prefix}user": "1001", **both}))

    assert f"FINESSE_{prefix.upper()}PASSWORD and FINESSE_{prefix.upper()}PASSWORD_COMMAND" in str(
        caught.value
    )
    assert "canary" not in str(caught.value)


def test_sources_in_environment_and_profile_count_together(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FINESSE_PASSWORD", "secret")
    profile = tmp_path / "profile.toml"
    profile.write_text(f'url = "{FINESSE}"\nuser = "1001"\npassword_command = ["get", "it"]\n')
    with pytest.raises(ConfigurationError, match="FINESSE_PASSWORD and FINESSE_PASSWORD_COMMAND"):
        session_config(load_settings(profile))


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        ("pass show finesse", ["pass", "show", "finesse"]),
        ('get "two words" x', ["get", "two words", "x"]),
        ('["get", "two words"]', ["get", "two words"]),
    ],
)
def test_command_in_the_environment_is_a_line_or_a_list(
    monkeypatch: pytest.MonkeyPatch, text: str, argv: list[str]
) -> None:
    monkeypatch.setenv("FINESSE_PASSWORD_COMMAND", text)
    monkeypatch.setenv("FINESSE_USER", "1001")
    made = session_config(load_settings(url=FINESSE)).credentials
    assert isinstance(made, PasswordCommand)
    assert made.argv == argv


@pytest.mark.parametrize(
    "command", ["get | head", "a && b", "get 'canary", "", "  ", [], [""], ["get", "a\0b"]]
)
def test_command_that_needs_a_shell_or_is_empty_is_rejected(command: Any) -> None:
    with pytest.raises(ConfigurationError, match="password_command") as caught:
        load_settings(url=FINESSE, user="1001", password_command=command)

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("text", ["nan", "-NaN", "inf", "-inf", "5.1"])
def test_number_outside_a_range_and_nan_are_rejected(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not in the range 0<=x<=5"):
        NumberRange(0, 5).convert(text, None, None)
    assert NumberRange(0, 5).convert("5", None, None) == 5
