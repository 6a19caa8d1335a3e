"""The command line: errors and exit statuses, help, and flags with matching settings."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest

import mcp_finesse.cli as cli
from mcp_finesse import __version__
from mcp_finesse.cli import group, run
from mcp_finesse.cli.async_main import first_of, run_async
from mcp_finesse.cli.demo_runner import DemoRunner
from mcp_finesse.errors import (
    ConfigurationError,
    CredentialsError,
    InvalidRequestError,
    NetworkError,
    RefusedError,
)
from mcp_finesse.settings import Settings
from tests.cli import support

COMMANDS = ("serve", "demo", "simulate", "watch")
NO_SETTING = {"help"}
"""Options that are not settings."""
NO_FLAG = {"password", "admin_password", "oauth_client_secret"}
"""Settings without a flag: process arguments are readable by everybody on the machine."""

ANYWHERE = {"URL": "https://127.0.0.1:1", "USER": "1001", "PASSWORD": "hunter2"}


def command_of(name: str) -> click.Command:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    return command


def options_of(name: str) -> list[click.Option]:
    return [item for item in command_of(name).params if isinstance(item, click.Option)]


def sentence(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the error, which must be one line on stderr with an empty stdout."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("mcp-finesse: ")
    assert len(err.splitlines()) == 1
    assert "hunter2" not in err
    return str(err)


def setting(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"FINESSE_{name}", value)


# -- invalid input


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sevre"], "No such command 'sevre'. See `mcp-finesse --help`."),
        (["serve", "--urll", "x"], "`mcp-finesse serve --help`"),
        (["serve", "extra"], "unexpected extra argument"),
        (["serve", "--port", "many"], "'many' is not a valid integer"),
        (["serve", "--port", "70000"], "port: Input should be less than or equal to 65535"),
        (["serve", "--transport", "carrier-pigeon"], "carrier-pigeon"),
        (["serve", "--profile", "/nosuch/profile.toml"], "There is no profile /nosuch/profile.toml"),
        (["serve"], "FINESSE_URL and FINESSE_USER and FINESSE_PASSWORD are not set."),
        (["watch"], "FINESSE_URL and FINESSE_USER and FINESSE_PASSWORD are not set."),
        (["watch", "--count", "-1"], "-1 is not in the range"),
        (["serve", "--ping-interval", "21"], "ping_interval: Input should be less than or equal to 20"),
        (["serve", "--trust", "nobody"], "'nobody' is not one of"),
        (["watch", "--proxy", "http://u:hunter2@p:3128"], "other users could see in the process list"),
        (["demo", "--pause", "-1"], "-1.0 is not in the range"),
        (["demo", "--log-level", "LOUD"], "'LOUD' is not one of"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_invalid_argument_exits_with_2_and_one_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert said in sentence(capsys)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"URL": "ftp://finesse"}, "is not an address of a Finesse server"),
        ({"URL": "https://finesse:port"}, "port"),
        ({"URL": "https://finesse:99999"}, "The URL of Finesse is not valid: its port is not 1 to 65535."),
        ({"URL": "https://fin esse:8445"}, "The URL of Finesse is not valid: it contains whitespace."),
        ({"URL": "http://finesse:8445"}, "FINESSE_ALLOW_INSECURE=true"),
        ({"URL": "http://finesse:8082"}, "the API of Finesse uses port 8445"),
        (
            {"CA_FILE": "/nosuch/ca.pem"},
            "The CA file /nosuch/ca.pem cannot be used: No such file or directory. "
            "Set FINESSE_CA_FILE to a readable PEM file.",
        ),
        ({"TRUST": "both"}, "FINESSE_TRUST=both requires a CA file."),
        ({"PROXY": "http://u:hunter2@p:port"}, "FINESSE_PROXY is not an address of a proxy."),
        ({"PROXY": "socks5://u:hunter2@p"}, "FINESSE_PROXY names a SOCKS proxy, which is not supported."),
        ({"CONNECT_TIMEOUT": "0"}, "connect_timeout"),
        ({"JOURNAL_SIZE": "3"}, "journal_size"),
        ({"JOURNAL_MEMORY": "1"}, "journal_memory"),
        ({"LOG_LEVEL": "LOUD"}, "log_level"),
        ({"TRANSPORT": "http", "HOST": "0.0.0.0"}, "would serve everyone"),
        ({"TOOLSETS": "agnet"}, "There is no toolset 'agnet'. Did you mean agent?"),
        ({"TOOLS": "hold_cal"}, "There is no tool 'hold_cal'. Did you mean hold_call?"),
        ({"EXCLUDE_TOOLS": "hold_cal"}, "There is no tool 'hold_cal'. Did you mean hold_call?"),
        ({"READONLY": "true"}, "FINESSE_READONLY is not a setting. Did you mean FINESSE_READ_ONLY?"),
        ({"WEATHER": "rain"}, "FINESSE_WEATHER is not a setting."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_invalid_setting_exits_with_2_and_one_sentence(
    settings: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    setting(monkeypatch, **(ANYWHERE | settings))
    assert run(["serve"]) == 2
    assert said in sentence(capsys)


def test_port_in_use_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        setting(monkeypatch, PORT=str(taken.getsockname()[1]))
        assert run(["serve", "--simulator", "--transport", "http"]) == 2
    assert "Cannot listen on 127.0.0.1 port" in sentence(capsys)


async def test_process_reports_an_invalid_argument_in_one_sentence(tmp_path: Path) -> None:
    ended = await support.run(tmp_path, "serve", "--nosuch")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == "mcp-finesse: No such option '--nosuch'. See `mcp-finesse serve --help`.\n"


# -- exit statuses


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConfigurationError("No."), 2),
        (InvalidRequestError("No."), 2),
        (CredentialsError("No."), 3),
        (NetworkError("No.", step="tcp"), 3),
        (click.UsageError("No."), 2),
        (click.ClickException("No."), 1),
        (click.Abort(), 130),
        (KeyboardInterrupt(), 130),
        (click.exceptions.Exit(1), 1),
        (click.exceptions.Exit(0), 0),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_error_type_determines_the_exit_status(
    error: BaseException, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def ending() -> None:
        raise error

    monkeypatch.setattr(group, "get_command", lambda *_: ending)
    assert run(["serve"]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    if status and not isinstance(error, (click.exceptions.Exit, click.Abort, KeyboardInterrupt)):
        assert err.startswith("mcp-finesse: No.")
        assert len(err.splitlines()) == 1


def test_serve_without_stdin_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert run(["serve", "--simulator"]) == 2
    assert "stdin or stdout is closed" in sentence(capsys)


def test_unwritable_output_exits_with_1_and_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(DemoRunner, "say", full)
    assert run(["demo"]) == 1
    assert "No space left on device" in sentence(capsys)


def test_first_error_of_a_group_is_reported() -> None:
    first = CredentialsError("No.")
    grouped = ExceptionGroup("", [ExceptionGroup("", [first, OSError()]), ValueError()])
    assert first_of(grouped) is first

    async def fail() -> None:
        raise grouped

    with pytest.raises(CredentialsError) as caught:
        run_async(fail)
    assert caught.value is first


def test_importing_the_cli_does_not_import_heavy_dependencies() -> None:
    code = (
        "import mcp_finesse.cli, sys; print([n for n in ('mcp', 'slixmpp', 'pydantic') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=support.ROOT)
    assert done.stdout.strip() == "[]"


# -- help


def test_command_without_arguments_prints_help_and_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    _, err = capsys.readouterr()
    assert "Start with `mcp-finesse demo`" in err
    assert all(name in err for name in COMMANDS)


def test_version_option_prints_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"mcp-finesse, version {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_explains_the_command_and_every_option(
    name: str, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([name, flag]) == 0
    out, _ = capsys.readouterr()
    assert f"Usage: mcp-finesse {name} [OPTIONS]" in out
    assert command_of(name).get_short_help_str(1000) in " ".join(out.split())
    for option in options_of(name):
        assert option.help, option.name
        described = "".join(option.help.split("  [")[0].split())
        assert described in "".join(out.split())  # lines are wrapped at hyphens too


def test_group_help_names_the_required_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out, _ = capsys.readouterr()
    for name in ("URL", "USER", "PASSWORD", "CA_FILE"):
        assert f"    FINESSE_{name} " in out


# -- matching names of flags and environment variables


def test_every_setting_has_a_flag_whose_help_names_the_environment_variable() -> None:
    options = {option.name: option for option in options_of("serve")}
    assert set(Settings.model_fields) - NO_FLAG <= set(options)
    for field in (*set(Settings.model_fields) - NO_FLAG, "profile"):
        option = options[field]
        assert f"--{field.replace('_', '-')}" in option.opts
        assert option.help is not None
        assert option.help.endswith(f"[FINESSE_{field.upper()}]")
        assert option.default is None, "a default of the flag would hide environment and profile"


@pytest.mark.parametrize("name", COMMANDS)
def test_other_flags_have_an_environment_variable_with_the_command_name(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run([name, "--help"])
    shown = "".join(capsys.readouterr().out.split())
    for option in options_of(name):
        assert option.name is not None
        assert f"--{option.name.replace('_', '-')}" in option.opts
        if option.name in NO_SETTING or (option.help or "").endswith(f"[FINESSE_{option.name.upper()}]"):
            continue
        assert f"[envvar:FINESSE_{name.upper()}_{option.name.upper()}" in shown


def test_command_flag_is_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    setting(monkeypatch, SIMULATE_PORT="nowhere")
    assert run(["simulate"]) == 2
    assert "'nowhere' is not a valid integer" in sentence(capsys)


def test_environment_variables_of_other_commands_are_accepted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    setting(monkeypatch, SIMULATE_PORT="0", DEMO_PAUSE="1", WATCH_RAW="1", URL="https://127.0.0.1:1")
    assert run(["serve"]) == 2
    assert "FINESSE_USER and FINESSE_PASSWORD are not set" in sentence(capsys)


def test_control_characters_are_removed_from_errors(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error may contain text from something between us and Finesse."""

    def refused(*_: object, **__: object) -> int:
        raise RefusedError("Refused: \x9b2J\x1b[31m\u202e.")

    monkeypatch.setattr(cli.group, "main", refused)
    assert run(["watch"]) == 3
    assert capsys.readouterr().err == "mcp-finesse: Refused: 2J [31m.\n"
