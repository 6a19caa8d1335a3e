"""``mcp-finesse token``: what it prints, where, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcp_finesse.cli import run
from mcp_finesse.cli.token import _moment
from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.server import TokenFile

NOW = 1_800_000_000.0


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "tokens.json")


def test_created_token_is_printed_once_on_stdout(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["token", "create", "ada", "--scope", "finesse:read", "--scope", "finesse:act", file]) == 0
    said = capsys.readouterr()
    token = said.out.strip()
    assert token.startswith("mcpf_")
    assert "\n" not in token
    assert "Created ada with finesse:read, finesse:act, without expiry" in said.err
    assert token not in said.err
    assert run(["token", "list", file]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("ada  finesse:read,finesse:act  created 20")
    assert token not in said.out


def test_token_may_only_read_unless_scopes_are_given(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["token", "create", "ada", "--expires", "90d", file]) == 0
    assert "with finesse:read, expires 20" in capsys.readouterr().err
    assert TokenFile(Path(file)).read()[0].scopes == ("finesse:read",)


def test_revoked_token_is_gone(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["token", "create", "ada", file])
    assert run(["token", "revoke", "ada", file]) == 0
    assert "Revoked ada." in capsys.readouterr().out
    assert run(["token", "list", file]) == 0
    assert "There are no tokens." in capsys.readouterr().err
    assert run(["token", "revoke", "ada", file]) == 2
    assert "contains no token ada" in capsys.readouterr().err


def test_expired_token_is_listed_as_such(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    TokenFile(Path(file), clock=lambda: 1000.0).create("ada", ["finesse:read"], 2000)
    assert run(["token", "list", file]) == 0
    assert "expires 1970-01-01 00:33 UTC (expired)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["create", "a b"], "The name of a token"),
        (["create", "ada", "--scope", "all"], "'all' is not one of 'finesse:read'"),
        (["create", "ada", "--expires", "soon"], "--expires soon is neither a duration nor a date"),
        (["create", "ada", "--expires", "2020-01-01"], "would have expired already"),
        (["list"], "cannot be used"),
    ],
)
def test_mistakes_end_with_a_sentence_and_status_2(
    arguments: list[str], problem: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["token", *arguments, file]) == 2
    said = capsys.readouterr()
    assert problem in said.err
    assert said.out == ""
    assert not Path(file).exists()


@pytest.mark.parametrize(
    ("text", "moment"),
    [("12h", NOW + 43_200), ("90d", NOW + 7_776_000), ("8w", NOW + 4_838_400), ("2027-06-30", 1_814_313_600)],
)
def test_expiry_is_a_duration_or_a_date(text: str, moment: float) -> None:
    assert _moment(text, NOW) == moment


@pytest.mark.parametrize(
    "text", ["", "d", "0d", "-1d", "1.5d", "999999d", "٣d", "1y", "2027-13-01", "2027-6", "x" * 90]
)
def test_other_text_is_no_expiry(text: str) -> None:
    with pytest.raises(InvalidRequestError, match="neither a duration nor a date"):
        _moment(text, NOW)
