"""``mcp-finesse scenario``: lists, shows and checks scenarios, and prints the JSON schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mcp_finesse.cli import run
from mcp_finesse.simulator.scenarios.definition import json_schema, shipped_scenarios, shipped_text


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["scenario", *arguments]) == 0
    return capsys.readouterr().out


def test_list_names_the_shipped_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "list").splitlines()
    assert [line.partition(":")[0] for line in lines] == shipped_scenarios()
    assert "busy-monday: Busy Monday" in lines


def test_shown_scenario_is_a_valid_file_to_start_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(printed(capsys, "show", "mixed-chats"))
    assert path.read_text() == shipped_text("mixed-chats")
    assert printed(capsys, "check", str(path)) == f"{path} is valid.\n"


def test_schema_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(printed(capsys, "schema")) == json_schema()


def test_bad_file_gives_one_sentence_with_line_field_and_what_was_expected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("title: x\nduration: 60\ncalls:\n  - {agent: 1005, at: 5}\n")
    expected = (
        f"mcp-finesse: The scenario {path} is not valid: line 4, calls.agent: expected an agent, but there is "
        "no agent '1005' (did you mean '1003'?). `mcp-finesse scenario check FILE` checks a file.\n"
    )
    for command in (["scenario", "check", str(path)], ["simulate", "--scenario", str(path)]):
        assert run(command) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.replace("'1002'", "'1003'").replace("'1000'", "'1003'") == expected


def test_scenario_for_ucce_is_refused_on_uccx(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (
        ["scenario", "check", "mixed-chats", "--platform", "UCCX"],
        ["simulate", "--scenario", "mixed-chats", "--platform", "UCCX"],
    ):
        assert run(command) == 2
        assert "chats: expected no chats, because UCCX has no tasks." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nosuch", "folder"])
def test_scenario_that_cannot_be_read_names_the_scenarios_of_the_package(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder").mkdir()
    path = str(tmp_path / name)
    assert run(["simulate", "--scenario", path]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"mcp-finesse: The scenario {path} cannot be read: ")
    assert "Name a file or one of the scenarios busy-monday, mixed-chats," in err
    assert len(err.splitlines()) == 1
