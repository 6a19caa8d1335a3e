"""Reading a policy file: errors name the line, the field and what was expected."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.server.policy.policy_file import MAX_BYTES, read_policy
from mcp_finesse.server.policy.rules import PolicyRules

TOOLS = ("make_call", "hold_call", "sign_out")


def read(folder: Path, text: str | bytes) -> PolicyRules:
    file = folder / "policy.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_policy(file, TOOLS)


def test_empty_file_allows_everything(tmp_path: Path) -> None:
    assert read(tmp_path, "") == PolicyRules()


def test_rules_are_read(tmp_path: Path) -> None:
    rules = read(
        tmp_path,
        """
        version = 1
        contact = "Security"
        tools.deny = ["sign_*"]
        [numbers]
        allow = ["[2-8]XXX"]
        [limits.tools]
        make_call = 3
        [require]
        "hold*" = "person"
        """,
    )
    assert rules.contact == "Security"
    assert rules.tools.deny == ["sign_*"]
    assert rules.numbers.allows("4501") is True
    assert rules.limits.per_minute_of("make_call") == 3
    assert rules.required_for("hold_call") == "person"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tools\n", "at line 1, column 7"),
        ("version = 2", "line 1, version: Input should be 1"),
        ("\n[number]\nallow = []", "line 2, number: there is no such field"),
        ("[numbers]\nalow = []", "line 2, numbers.alow: there is no such field"),
        ("[numbers]\ndeny = [\n  '1',\n  'x', # no\n]", "line 4, numbers.deny.1: 'x' is not a digit"),
        ("[limits]\nper_minute = '3'", "line 2, limits.per_minute: Input should be a valid integer"),
        ("[limits]\nper_minute = 0", "line 2, limits.per_minute: Input should be greater than"),
        ("[limits.tools]\nmake_call = 0", "line 2, limits.tools.make_call: Input should be greater"),
        ("[require]\nmake_call = 'human'", "line 2, require.make_call: Input should be 'nothing'"),
        (
            "[tools]\ndeny = ['make_cal']",
            "line 2, tools.deny: there is no tool 'make_cal' (did you mean make_call?)",
        ),
        ("[require]\n\nnothing_like_it = 'person'", "line 3, require: there is no tool 'nothing_like_it'"),
        ("tools.allow = ['make_call', 'other']", "line 1, tools.allow: there is no tool 'other'"),
        (b"contact = '\xff'", "not UTF-8 (byte 11)"),
        ("x" * (MAX_BYTES + 1), "larger than 1,000,000 bytes"),
        ("a = " + "[" * 5000, "nested too deeply"),
        (
            "agents.allow = [" + "'1', " * 501 + "]",
            "line 1, agents.allow: List should have at most 500",
        ),
    ],
)
def test_error_names_line_field_and_expectation(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)
    assert "mcp-finesse policy check FILE" in caught.value.advice


def test_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_policy(tmp_path / "none.toml", TOOLS)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_pipe_and_folder_are_rejected(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(ConfigurationError, match="it is not a file"):
            read_policy(path, TOOLS)


def test_file_that_everybody_can_change_is_rejected(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("")
    file.chmod(0o646)
    with pytest.raises(ConfigurationError, match="Every user can change"):
        read_policy(file, TOOLS)
