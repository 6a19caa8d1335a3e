"""``mcp-finesse policy``: the example is valid and cautious; a policy is explained; an error names the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcp_finesse.cli import run
from mcp_finesse.server import read_policy_file
from mcp_finesse.server.policy.intent import Intent


def checked(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert run(["policy", "check", str(path), *options]) == 0
    return capsys.readouterr().out


@pytest.fixture
def example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert run(["policy", "example"]) == 0
    path = tmp_path / "policy.toml"
    path.write_text(capsys.readouterr().out)
    return path


def test_example_is_explained(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = checked(example, capsys)
    assert "can be changed by: the contact centre's security team." in out
    refused = next(line for line in out.splitlines() if line.startswith("Refused"))
    assert "send_request" in refused
    assert "delete_configuration" in refused
    person = next(line for line in out.splitlines() if line.startswith("Allowed after a person confirmed"))
    assert "intercept_call" in person
    assert "Maximum calls of make_call per minute, for each agent: 10." in out


@pytest.mark.parametrize("number", ["90049301234", "9 1 900 555", "+1 212"])
def test_example_forbids_expensive_numbers(example: Path, number: str) -> None:
    refusal = read_policy_file(example).refusal("make_call", Intent(numbers=(number,)))
    assert refusal is not None
    assert refusal.rule == "numbers.deny"


def test_confirm_always_is_explained(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = checked(example, capsys, "--confirm", "always")
    person = next(line for line in out.splitlines() if line.startswith("Allowed after a person confirmed"))
    assert "hold_call" in person
    assert "get_dialogs" not in person


def test_every_tool_is_explained_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "empty.toml"
    path.write_text("")
    out = checked(path, capsys)
    assert "can be changed by: whoever operates the MCP server." in out
    for tool in ("get_user", "make_call", "import_contacts"):
        assert out.count(f"{tool},") + out.count(f"{tool}.") == 1


def test_invalid_file_ends_with_status_2_and_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[tools]\ndeny = ['make_cal']\n")
    assert run(["policy", "check", str(path)]) == 2
    assert (
        "line 2, tools.deny: there is no tool 'make_cal' (did you mean make_call?)" in capsys.readouterr().err
    )
