"""Every example of the documentation runs, or is accepted by the program that it is for."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import jsonschema  # type: ignore[import-untyped]
import pytest

from mcp_finesse.server import read_policy_file
from mcp_finesse.settings import load_settings
from mcp_finesse.simulator.scenarios.definition import parse_scenario
from mcp_finesse.simulator.scenarios.definition.fault_names import FAULT_KINDS
from mcp_finesse.simulator.scenarios.schedule import FaultEvent, schedule
from tests.docs import generate
from tests.docs.support import PAGES, ROOT, Block, blocks, code_spans, name_of, without_blocks
from tests.simulator.scenarios.support import VirtualRun

COMMAND = "mcp-finesse"
OTHER_PROGRAMS = {
    "python3",
    "pip",
    "python",
    "ruff",
    "mypy",
    "mkdocs",
    "npm",
    "bash",
    "claude",
    "chmod",
    "openssl",
    "curl",
}
TOOLS = {tool.name: tool for tool in generate.tools("all")}
ENVIRONMENT = generate.variables()


def check_command_line(words: list[str]) -> None:
    """Parse a command line of mcp-finesse like the command itself, with the same errors."""
    name, *arguments = words
    command, context = generate.command(name)
    if arguments or not isinstance(command, click.Group):
        command.make_context(name, arguments, parent=context.parent)


def with_subcommands(command: click.Command) -> list[click.Command]:
    return [command, *(command.commands.values() if isinstance(command, click.Group) else ())]


def check_entry(entry: dict[str, Any]) -> None:
    """Check the entry of an MCP client that starts the server or contains its address."""
    if "command" in entry:
        assert Path(entry["command"]).name == COMMAND
        check_command_line(entry["args"])
    else:
        assert entry["url"] == "http://127.0.0.1:8765/mcp"
    assert set(entry.get("env", {})) <= ENVIRONMENT


# -- data


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_example_is_accepted(block: Block) -> None:
    data = json.loads(block.body)
    for key in ("mcpServers", "servers"):
        for entry in data.get(key, {}).values():
            check_entry(entry)
    if "arguments" in data:
        jsonschema.validate(data["arguments"], TOOLS[data["name"]].input_schema)


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_toml_example_is_accepted(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tomllib.loads(block.body)
    if "mcp_servers" in data:
        for entry in data["mcp_servers"].values():
            check_entry(entry)
        return
    if data.get("version") == 1:
        policy = tmp_path / "policy.toml"
        policy.write_text(block.body)
        assert read_policy_file(policy).contact
        return
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    profile = tmp_path / "profile.toml"
    profile.write_text(block.body)
    settings = load_settings(profile)
    secret = {"password", "admin_password", "proxy"}
    assert {name for name in data if str(getattr(settings, name)) == str(data[name])} >= set(data) - secret


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
async def test_yaml_example_is_a_scenario_in_which_every_call_is_answered(block: Block) -> None:
    run = VirtualRun(parse_scenario(block.body))
    await run.until(run.definition.scenario.duration)
    assert run.outcomes["calls answered"] == run.outcomes["calls"] > 0
    assert set(run.node.happened) == {
        event.fault.fault
        for event in schedule(run.definition)
        if isinstance(event, FaultEvent) and FAULT_KINDS[event.fault.fault].target == "node"
    }


def test_every_block_has_a_language_that_is_checked() -> None:
    known = ("json", "toml", "yaml", "sh", "python", "py", "text")  # py: the recipes
    assert [str(block) for block in blocks("")] == []
    assert len(blocks(*known)) == sum(page.read_text().count("\n```") for page in PAGES) / 2


# -- command lines


def commands_of(block: Block) -> list[list[str]]:
    """Return the commands of a shell block as words. ``&&`` and line ends separate them."""
    body = block.body.replace("\\\n", " ")
    return [shlex.split(part) for line in body.splitlines() for part in line.split("&&") if part.strip()]


@pytest.mark.parametrize("block", blocks("sh"), ids=str)
def test_shell_example_is_accepted(block: Block) -> None:
    for words in commands_of(block):
        while "=" in words[0]:
            assert words.pop(0).partition("=")[0] in ENVIRONMENT | {"FUZZ_SEED", "FUZZ_CASES"}
        program = Path(words[0]).name
        if program == COMMAND:
            check_command_line(words[1:])
            continue
        assert program in OTHER_PROGRAMS, words
        if "--" in words:
            ours = words[words.index("--") + 1 :]
            assert Path(ours[0]).name == COMMAND
            check_command_line(ours[1:])
        check_named_things(program, words[1:])


def check_named_things(program: str, arguments: list[str]) -> None:
    """Check that modules, files and extras in a command line of another program exist."""
    if program == "python" and arguments[0] == "-m":
        sys.path.insert(0, str(ROOT))
        assert find_spec(arguments[1]) is not None
    if program == "bash":
        assert (ROOT / arguments[0]).is_file()
    if program == "pip":
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        assert all(extra in extras for word in arguments for extra in re.findall(r"\[(\w+)\]", word))
        assert all((ROOT / word).is_file() for word in arguments if word.endswith(".lock"))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_flags_and_variables_in_text_exist(page: Path) -> None:
    flags = {
        flag
        for name in generate.command_names()
        for command in with_subcommands(generate.command(name)[0])
        for option in command.params
        for flag in (*option.opts, *option.secondary_opts)
    } | {"--shuffle", "--save", "--keep"}  # of the tests themselves
    for span in code_spans(without_blocks(page)):
        if span.startswith(f"{COMMAND} "):
            check_command_line(shlex.split(span)[1:])
        elif span.startswith("--"):
            assert shlex.split(span)[0] in flags, span
        assert set(re.findall(r"FINESSE_[A-Z_]*[A-Z]", span)) <= ENVIRONMENT, span


def test_invalid_command_line_is_detected() -> None:
    with pytest.raises(click.UsageError):
        check_command_line(["serve", "--simulater"])
    with pytest.raises(AssertionError):
        check_command_line(["sevre"])


def test_readme_commands_are_those_that_ci_runs() -> None:
    ci = (ROOT / ".ci" / "run").read_text()
    demo, tests = (commands_of(block) for block in blocks("sh") if block.page == "README.md")
    assert [Path(words[0]).name for words in demo] == ["python3", "pip", COMMAND]
    assert re.search(r"pip\" install [^\n]*\.\n", ci)
    assert demo[1][1:] == ["install", "."]
    assert re.search(rf"{COMMAND}\" demo", ci)
    assert demo[2][1:] == ["demo"]
    assert tests[2][1:] == ["-m", "tests"]
    assert f"python {shlex.join(tests[2][1:])} --cov" in ci


# -- programs


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment with the command and a separate home folder."""
    script = tmp_path / "bin" / COMMAND
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m mcp_finesse "$@"\n')
    script.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FINESSE_", "XDG_"))}
    path = f"{script.parent}{os.pathsep}{os.environ['PATH']}"
    return kept | {"PATH": path, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}


@pytest.mark.skipif(sys.platform == "win32", reason="the command is a shell script here")
@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_example_prints_what_the_page_shows(
    block: Block, environment: dict[str, str], tmp_path: Path
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", block.body],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert block.prints is not None, "say below the program what it prints"
    assert ran.stdout == block.prints
