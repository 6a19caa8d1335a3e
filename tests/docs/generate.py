"""Generate parts of the documentation from the code: ``python -m tests.docs.generate``.

A generated part is between ``<!-- generated: NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import ast
import inspect
import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from functools import cache, partial
from pathlib import Path
from typing import Any, get_args

import anyio
import click
from mcp.server import MCPServer
from mcp.types import Tool
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mcp_finesse import errors
from mcp_finesse.cli import group
from mcp_finesse.server import Selection, build_server
from mcp_finesse.server.auth import scopes
from mcp_finesse.server.policy.tool_entry import Effect
from mcp_finesse.server.resources.reference import TOPICS
from mcp_finesse.server.toolsets.selection import TOOLSETS
from mcp_finesse.settings import Settings, default_state_dir
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.scenarios.definition import json_schema, read_scenario, shipped_scenarios
from mcp_finesse.simulator.scenarios.definition.fault_names import FAULT_KINDS
from mcp_finesse.simulator.scenarios.definition.sections import Range, Scenario
from mcp_finesse.simulator.world.world import default_world
from mcp_finesse.xmpp import list_feeds
from tests.docs import conversations, coverage, policy_tables, task_list
from tests.docs.picture import COLUMNS, PICTURE, draw, lines_of
from tests.docs.support import PACKAGE, PAGES, ROOT, name_of
from tests.session.matrix import indistinguishable

_PART = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)
# The chapters of the demo in the excerpt, and how many of their first lines.
_EXCERPT = (("A customer calls", 12), ("Disallowed actions fail", 6), ("The connection is lost", 4))
_WIDTH = 100


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(_cell(cell) for cell in line) + " |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _code(text: str) -> str:
    # Docstrings mark code with two backticks, pages with one.
    return text.replace("``", "`")


# -- tools


def idle_server(*toolsets: str) -> MCPServer[Any]:
    """Return a server without a session, to list its tools, with ``toolsets`` instead of the default."""

    def no_session() -> Any:
        raise AssertionError("listing the tools of a server must not require a session")

    return build_server(no_session, selection=Selection(toolsets) if toolsets else Selection())


def tools(*toolsets: str) -> list[Tool]:
    return list(anyio.run(idle_server(*toolsets).list_tools))


def toolset_of(tool: Tool) -> str:
    return next(toolset.name for toolset in TOOLSETS.values() if tool.name in toolset.names)


def toolset_table() -> str:
    rows = [
        (
            f"`{toolset.name}`",
            {"core": "always", "agent": "by default"}.get(toolset.name, "on request"),
            str(len(toolset.tools)),
            toolset.description,
        )
        for toolset in TOOLSETS.values()
    ]
    return table(("Toolset", "Enabled", "Tools", "What for"), rows)


def effect_of(tool: Tool) -> Effect:
    entries = (entry for toolset in TOOLSETS.values() for entry in toolset.tools)
    return next(entry.effect for entry in entries if entry.name == tool.name)


def tool_table() -> str:
    rows = [
        (
            f"`{tool.name}`",
            ", ".join(name for name, toolset in TOOLSETS.items() if tool.name in toolset.names),
            policy_tables.EFFECTS[effect_of(tool)],
            tool.description or "",
            "<br>".join(_arguments(tool.input_schema)) or "none",
        )
        for tool in tools("all")
    ]
    return table(("Tool", "Toolset", "Effect", "What it does", "Arguments"), rows)


def _arguments(schema: dict[str, Any]) -> list[str]:
    required = schema.get("required", [])
    return [
        f"`{name}`{'' if name in required else ' (optional)'}: {_argument(part)}"
        for name, part in schema.get("properties", {}).items()
    ]


_KINDS = {
    "string": "text",
    "object": "names and values",
    "integer": "whole number",
    "boolean": "true or false",
}


def _kind(schema: dict[str, Any]) -> str:
    if options := schema.get("anyOf"):
        return " or ".join(_kind(option) for option in options)
    if values := schema.get("enum"):
        return " or ".join(f"`{value}`" for value in values)
    if schema["type"] == "array":
        return f"list of {_kind(schema['items'])}"
    return _KINDS.get(schema["type"], schema["type"])


def _argument(schema: dict[str, Any]) -> str:
    kind = _kind(schema)
    if "minimum" in schema and "maximum" in schema:
        kind += f" {schema['minimum']:g} to {schema['maximum']:g}"
    if pattern := schema.get("pattern"):
        kind += f" `{pattern}`"
    if schema.get("default", "") != "":
        kind += f", `{schema['default']}` if not given"
    said = schema.get("description", "")
    return f"{kind}. {said}." if said and not said.endswith(".") else f"{kind}. {said}".strip()


def scope_table() -> str:
    meanings = {
        scopes.READ: "reads, and chooses which notifications arrive",
        scopes.ACT: "acts as the agent or supervisor",
        scopes.ADMIN: "uses the administrator's credentials",
        scopes.RAW: "sends any request",
    }
    entries = {entry.name: entry for toolset in TOOLSETS.values() for entry in toolset.tools}
    rows = [
        (
            f"`{scope}`",
            meanings[scope],
            ", ".join(
                f"`{name}`" for name, entry in entries.items() if scopes.required_scope(entry) == scope
            ),
        )
        for scope in scopes.SCOPES
    ]
    return table(("Scope", "What it allows", "Tools"), rows)


# -- feeds, settings, commands


def feed_table() -> str:
    rows = [
        (
            f"`{feed.slug}`",
            feed.description,
            "automatically" if feed.automatic else "on request",
            ", ".join(feed.platforms),
            f"`{feed.path}`",
        )
        for feed in list_feeds()
    ]
    return table(("Feed", "Content", "Received", "Platform", "Node"), rows)


def command(name: str) -> tuple[click.Command, click.Context]:
    root = click.Context(group, info_name="mcp-finesse", **group.context_settings)
    found = group.get_command(root, name)
    assert found is not None, f"there is no command {name}"
    return found, click.Context(found, info_name=name, parent=root)


def command_names() -> list[str]:
    return group.list_commands(click.Context(group))


def _flags(option: click.Parameter) -> str:
    return " / ".join(f"`{flag}`" for flag in (*option.opts, *option.secondary_opts))


def setting_table() -> str:
    flags = {option.name: _flags(option) for option in command("serve")[0].params}
    rows = [
        (
            f"`{name}`",
            flags.get(name, "none"),
            f"`FINESSE_{name.upper()}`",
            _default(name),
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]
    return table(("Profile", "Flag", "Environment", "Default", "Meaning"), rows)


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    if field.default_factory is default_state_dir:
        return "`~/.local/state/mcp-finesse`"
    if field.default in (None, ""):
        return "none"
    value = field.default
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def command_tables() -> str:
    return "\n".join(_command(name) for name in command_names())


def _command(name: str) -> str:
    found, context = command(name)
    summary = inspect.cleandoc(found.help or "").partition("\n")[0]
    shared = name not in ("demo", "simulate", "scenario", "audit", "token")
    settings = set(Settings.model_fields) if shared else set()
    own = [
        option for option in found.params if isinstance(option, click.Option) and option.name not in settings
    ]
    takes = (
        "The command accepts the settings above"
        if shared
        else "The command accepts no settings of the server"
    )
    if not own:
        return f"### `mcp-finesse {name}`\n\n{summary} {takes}.\n"
    head = ["Flag", "Default", "Meaning"]
    rows = [[_flags(option), _option_default(option), _option_help(option)] for option in own]
    variables = [variable_of(option, context) for option in own]
    if any(variables):
        head.insert(1, "Environment")
        for row, variable in zip(rows, variables, strict=True):
            row.insert(1, f"`{variable}`" if variable else "none")
    joint = ", and the following options:" if shared else ". It accepts the following options:"
    return f"### `mcp-finesse {name}`\n\n{summary} {takes}{joint}\n\n{table(head, rows)}"


def variable_of(option: click.Parameter, context: click.Context) -> str:
    """Return the environment variable that click reads for an option, or an empty string."""
    prefix = context.auto_envvar_prefix
    if isinstance(option, click.Option) and option.allow_from_autoenv and prefix and option.name:
        return f"{prefix}_{option.name.upper()}"
    return ""


def variables() -> set[str]:
    """Return every environment variable that the commands read."""
    found = {f"FINESSE_{name.upper()}" for name in Settings.model_fields}
    for name in command_names():
        options, context = command(name)[0].params, command(name)[1]
        found |= {variable_of(option, context) for option in options} - {""}
    return found


def _option_default(option: click.Parameter) -> str:
    default = option.to_info_dict()["default"]
    if isinstance(default, bool):
        return "on" if default else "off"
    if default is None or default == () or str(default) == "Sentinel.UNSET":  # click's word for "not given"
        return "none"
    return f"`{default}`"


def _option_help(option: click.Parameter) -> str:
    said = getattr(option, "help", None) or ""
    if isinstance(option.type, click.Choice):
        said = f"{said} One of {', '.join(f'`{choice}`' for choice in option.type.choices)}."
    return said.strip()


# -- simulator


def fault_table() -> str:
    well = Faults()
    rows = [
        (f"`{name} = True`", f"{text[:1].upper()}{text[1:]}")
        for name, text in _attributes(Faults)
        if getattr(well, name) is False
    ]
    for name, function in vars(Faults).items():
        if name.startswith("_") or not inspect.isfunction(function) or _is_used_by_the_simulator(function):
            continue
        rows.append((f"`{name}({_parameters(function)})`", inspect.getdoc(function) or ""))
    return table(("Fault", "What happens"), [(name, _code(text)) for name, text in rows])


def _is_used_by_the_simulator(function: Callable[..., Any]) -> bool:
    return function.__name__.startswith("take_") or "publish" in inspect.signature(function).parameters


def _parameters(function: Callable[..., Any]) -> str:
    return ", ".join(
        name if item.default is item.empty else f"{name}={item.default!r}"
        for name, item in inspect.signature(function).parameters.items()
        if name != "self"
    )


def _attributes(kind: type) -> list[tuple[str, str]]:
    """Return the names and descriptions of the attributes in a docstring."""
    section = (inspect.getdoc(kind) or "").partition("Attributes:\n")[2]
    found = re.findall(r"^ {4}(\w+): (.*?)(?=^ {4}\w+: |\Z)", section + "\n", re.MULTILINE | re.DOTALL)
    return [(name, " ".join(text.split())) for name, text in found]


def simulator_table() -> str:
    described = dict(_attributes(SimulatorSettings))
    rows = [
        (f"`{field.name}`", f"`{field.default!r}`", _code(described[field.name]))
        for field in fields(SimulatorSettings)
    ]
    return table(("Setting", "Default", "Meaning"), rows)


def agent_table() -> str:
    world = default_world()
    teams = {team.id: team.name for team in world.teams}
    rows = [
        (
            f"`{agent.id}`",
            f"{agent.first_name} {agent.last_name}",
            f"`{agent.extension}`",
            f"`{agent.team_id}` {teams[agent.team_id]}",
            f"supervisor of {' and '.join(agent.supervises)}" if agent.supervises else "agent",
            f"incoming {agent.wrap_up_on_incoming}, outgoing {agent.wrap_up_on_outgoing}",
        )
        for agent in world.agents
    ]
    return table(("Id", "Name", "Extension", "Team", "Role", "Wrap-up"), rows)


def queue_table() -> str:
    rows = [
        (f"`{queue.id}`", queue.name, f"`{queue.number}`", ", ".join(queue.agents) or "nobody")
        for queue in default_world().queues
    ]
    return table(("Queue", "Name", "Number", "Agents"), rows)


def campaign_table() -> str:
    rows = [
        (each.name, each.mode, f"`{each.dialer_port}`", ", ".join(each.agents))
        for each in default_world().campaigns
    ]
    return table(("Campaign", "Mode", "Dialer port", "Agents"), rows)


def media_table() -> str:
    rows = [
        (
            f"`{domain.id}`",
            domain.name,
            "yes" if domain.interruptible else "no",
            ", ".join(f"`{selector}`" for selector in domain.selectors),
            ", ".join(domain.agents),
        )
        for domain in default_world().media_domains
        if domain.agents
    ]
    return table(("Domain", "Name", "Interruptible", "Script selectors", "Agents"), rows)


# -- scenarios

SCENARIO_SCHEMA = ROOT / "docs" / "reference" / "scenario.schema.json"


def scenario_schema() -> str:
    """Return the JSON schema of scenario files, as ``mcp-finesse scenario schema`` prints it."""
    return json.dumps(json_schema(), indent=2) + "\n"


def shipped_table() -> str:
    rows = []
    for name in shipped_scenarios():
        scenario = read_scenario(name).scenario
        rows.append((f"`{name}`", f"{scenario.duration / 60:g} minutes", scenario.description))
    return table(("Scenario", "Length", "What happens"), rows)


def scenario_tables() -> str:
    """Return a table for each section of a scenario file, with its fields."""
    parts = []
    for name, model in _scenario_sections().items():
        rows = [
            (f"`{field}`", _scenario_default(item), item.description or "")
            for field, item in model.model_fields.items()
        ]
        summary = inspect.cleandoc(model.__doc__ or "").partition("\n")[0]
        parts.append(f"### {name}\n\n{summary}\n\n{table(('Field', 'Default', 'Meaning'), rows)}")
    return "\n".join(parts)


def _scenario_sections() -> dict[str, type[BaseModel]]:
    """Return the models by the name of the field that contains them, the whole file first."""
    found: dict[str, type[BaseModel]] = {"The file": Scenario}
    for model in _found_models(Scenario):
        found |= {f"`{field}`": inner for field, inner in _inner_models(model).items()}
    return found


def _found_models(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Return a model and the models of its fields, at any depth."""
    return [model, *(each for inner in _inner_models(model).values() for each in _found_models(inner))]


def _inner_models(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Return the models of the fields that are lists of models."""
    found = {}
    for name, field in model.model_fields.items():
        for inner in get_args(field.annotation):
            if inspect.isclass(inner) and issubclass(inner, BaseModel):
                found[name] = inner
    return found


def _scenario_default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.default
    if isinstance(default, Range):
        return f"`{default.min:g}`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return "none" if default in (None, "", (), {}) else f"`{default}`"


def scenario_fault_table() -> str:
    owners = {"faults": Faults, "node": Simulator, "center": ContactCenter}
    switches = dict(_attributes(Faults))
    rows = []
    for name, kind in FAULT_KINDS.items():
        method = {"lose_cti": "set_in_service", "restore_cti": "set_in_service"}.get(name, name)
        text = switches[name] if kind.is_switch else inspect.getdoc(getattr(owners[kind.target], method))
        said = _FAULTS_OF_BOTH_NODES.get(name) or (text or "").partition("\n")[0]
        fields = ", ".join(f"`{field}`" for field in sorted(kind.fields)) or "none"
        rows.append((f"`{name}`", fields, f"{said[:1].upper()}{_code(said[1:])}"))
    return table(("Fault", "Fields", "What happens"), rows)


_FAULTS_OF_BOTH_NODES = {
    "lose_cti": "Lose CTI on every node.",
    "restore_cti": "Restore CTI on every node, and publish the latest state of all objects.",
}


# -- the API


def coverage_tables() -> str:
    every, typed, served = coverage.numbers()
    summary = (
        f"Of the {every} operations, {typed} have a function. The other {every - typed} operations can be sent with "
        f"`{coverage.FREE}`. "
        f"The simulator serves {served} of the {every} operations.\n"
    )
    parts = [
        f"## {family}\n\n{table(coverage.HEAD, [row.cells for row in rows])}"
        for family, rows in coverage.rows_by_family()
    ]
    return "\n".join([summary, *parts])


# -- the demo


@cache
def run_demo() -> str:
    """Return the output of ``mcp-finesse demo``."""
    ran = subprocess.run(
        [sys.executable, "-m", "mcp_finesse", "demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return ran.stdout


def demo_excerpt() -> str:
    chapters = re.split(r"^== ", run_demo(), flags=re.MULTILINE)[1:]
    shown = ["$ mcp-finesse demo", "..."]
    for title, count in _EXCERPT:
        chapter = next(chapter for chapter in chapters if chapter.startswith(title))
        lines = f"== {chapter}".rstrip().splitlines()
        shown += [_shortened(line, _WIDTH) for line in lines[: count + 1]]
        shown += ["..."] if len(lines) > count + 1 else []
        shown.append("")
    shown.append(chapters[-1].rstrip().splitlines()[-1])
    return "```text\n" + "\n".join(shown) + "\n```\n"


def _shortened(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 4]} ..."


_SHORT = (("A customer calls", 10), ("Disallowed actions fail", 4), ("The connection is lost", 3))
_DETAIL = re.compile(r"s = (?!confirmed|failed|The agent)|cursor|after=|_dialogs\(")


def picture_lines() -> list[str]:
    """The lines of the demo that its picture shows: calls, outcomes and notifications."""
    chapters = re.split(r"^== ", run_demo(), flags=re.MULTILINE)[1:]
    shown = ["$ mcp-finesse demo"]
    for title, count in _SHORT:
        chapter = next(chapter for chapter in chapters if chapter.startswith(title))
        lines = [line for line in f"== {chapter}".rstrip().splitlines() if not _DETAIL.search(line)]
        shown += lines[: count + 1]
    return [_shortened(line, COLUMNS) for line in [*shown, chapters[-1].rstrip().splitlines()[-1]]]


def picture_is_fresh(svg: str) -> bool:
    """Whether a picture of the demo shows only lines that the demo prints, drawn as they are drawn now."""
    lines = lines_of(svg)
    return draw(lines) == svg and not stale_lines("\n".join(lines), run_demo())


def package_table() -> str:
    """Return the packages with their number of modules and the first line of their docstring."""
    rows = []
    for path in sorted(PACKAGE.rglob("__init__.py")):
        name = path.parent.relative_to(PACKAGE).as_posix()
        modules = sum(each.name != "__init__.py" for each in path.parent.glob("*.py"))
        summary = (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]
        if name != ".":
            rows.append((f"`{name}/`", str(modules), summary))
    return table(("Package", "Modules", "Content"), rows)


def error_table() -> str:
    """Return the classes of errors: when each one is raised, and who must act."""
    found = [each for each in vars(errors).values() if inspect.isclass(each)]
    rows = [
        (
            f"`{each.__name__}`",
            (inspect.getdoc(each) or "").partition("\n")[0].replace("``", "`"),
            each.actor.value,
        )
        for each in found
        if issubclass(each, errors.FinesseError) and each is not errors.FinesseError
    ]
    return table(("Error", "When", "Who must act"), rows)


def code_tables(*topics: str) -> str:
    """Return tables of codes as the reference resources show them, with headings one level lower."""
    text = "\n".join(TOPICS[topic](Selection()) for topic in topics)
    return re.sub(r"^## ", "### ", text, flags=re.MULTILINE)


def policy_example() -> str:
    """Return the example of a policy file."""
    example = (PACKAGE / "server" / "policy" / "example.toml").read_text()
    return f"```toml\n{example}```\n"


PARTS: dict[str, Callable[[], str]] = {
    "toolsets": toolset_table,
    "tools": tool_table,
    "scopes": scope_table,
    "feeds": feed_table,
    "settings": setting_table,
    "commands": command_tables,
    "faults": fault_table,
    "simulator-settings": simulator_table,
    "agents": agent_table,
    "api-coverage": coverage_tables,
    "queues": queue_table,
    "campaigns": campaign_table,
    "media": media_table,
    "scenarios": shipped_table,
    "scenario-fields": scenario_tables,
    "scenario-faults": scenario_fault_table,
    "tasks": lambda: table(task_list.HEAD, task_list.rows()),
    "packages": package_table,
    "policy-tools": lambda: table(policy_tables.TOOL_HEAD, policy_tables.tool_rows()),
    "policy-fields": lambda: table(policy_tables.FIELD_HEAD, policy_tables.field_rows()),
    "policy-example": policy_example,
    "indistinguishable": lambda: table(indistinguishable.HEAD, indistinguishable.rows()),
    "tasks-help": task_list.help_text,
    "demo": demo_excerpt,
    "errors": error_table,
    "error-codes": lambda: code_tables("error-codes"),
    "reason-codes": lambda: code_tables("reason-codes"),
    "agent-states": lambda: code_tables("agent-states"),
    **{f"conversation-{name}": partial(conversations.conversation, name) for name in conversations.NAMES},
}


def parts_of(page: Path) -> dict[str, str]:
    """Return the generated parts of a page by name."""
    return {match["name"]: match["body"] for match in _PART.finditer(page.read_text())}


def is_fresh(name: str, body: str) -> bool:
    """Return whether a part is up to date.

    Times, cursors and the order of simultaneous lines differ between runs of the demo. Its excerpt is up to date if
    the demo still prints each of its lines.
    """
    if name == "demo":
        return all(title in body for title, _ in _EXCERPT) and not stale_lines(body, run_demo())
    return body.strip() == PARTS[name]().strip()


def stale_lines(excerpt: str, output: str) -> list[str]:
    """Return the lines of an excerpt that the output does not contain."""
    printed = [_timeless(line) for line in output.splitlines()]
    shown = [line for line in excerpt.splitlines() if not line.startswith(("```", "$", "...")) and line]
    return [
        line
        for line in shown
        if not any(full.startswith(_timeless(line.removesuffix(" ..."))) for full in printed)
    ]


def _timeless(line: str) -> str:
    return re.sub(r"[\d.]*\d", "0", re.sub(r"\b[0-9a-f]{8}:\d+", "CURSOR", line.strip()))


def rewritten(page: Path) -> str:
    """Return the page with its stale parts replaced."""

    def write(match: re.Match[str]) -> str:
        if is_fresh(match["name"], match["body"]):
            return match[0]
        return f"{match[1]}\n{PARTS[match['name']]()}\n{match[4]}"

    return _PART.sub(write, page.read_text())


def main() -> None:
    logging.disable(logging.WARNING)
    if not (PICTURE.exists() and picture_is_fresh(PICTURE.read_text())):
        PICTURE.write_text(draw(picture_lines()))
        print(f"wrote {name_of(PICTURE)}")
    if not (SCENARIO_SCHEMA.exists() and SCENARIO_SCHEMA.read_text() == scenario_schema()):
        SCENARIO_SCHEMA.write_text(scenario_schema())
        print(f"wrote {name_of(SCENARIO_SCHEMA)}")
    for page in PAGES:
        text = rewritten(page)
        if text != page.read_text():
            page.write_text(text)
            print(f"wrote {name_of(page)}")


if __name__ == "__main__":
    main()
