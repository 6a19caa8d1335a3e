"""Generated parts, names, states, messages and dependencies in the documentation match the code."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import anyio
import pytest

from mcp_finesse.errors import NetworkError
from mcp_finesse.server.present import journal_view
from mcp_finesse.session import OutcomeStatus, SessionState
from mcp_finesse.xmpp import Route
from tests.docs import generate
from tests.docs.support import PACKAGE, PAGES, ROOT, code_spans, table, tables

GENERATED = [(page, name) for page in PAGES for name in generate.parts_of(page)]


@pytest.mark.parametrize(("page", "name"), GENERATED, ids=lambda value: getattr(value, "name", value))
def test_generated_part_is_up_to_date(page: Path, name: str) -> None:
    assert generate.is_fresh(name, generate.parts_of(page)[name]), "run: python -m tests.docs.generate"


def test_every_generated_part_is_on_a_page() -> None:
    assert {name for _, name in GENERATED} == set(generate.PARTS)


def test_published_schema_of_scenarios_is_up_to_date() -> None:
    assert generate.SCENARIO_SCHEMA.read_text() == generate.scenario_schema(), (
        "run: python -m tests.docs.generate"
    )


def test_stale_line_of_the_demo_is_detected() -> None:
    printed = "   0.10s = confirmed: The call is on hold.\n   0.12s > end_call(dialog_id='33100421')\n"
    assert (
        generate.stale_lines(
            "   9.99s = confirmed: The call is on hold.\n   0.20s > end_call(dialo ...", printed
        )
        == []
    )
    assert generate.stale_lines("   0.10s = failed: The call is on hold.", printed) == [
        "   0.10s = failed: The call is on hold."
    ]


def test_number_of_tools_in_text_is_correct() -> None:
    told = {
        number for page in PAGES for number in re.findall(r"(?:these|with) (\d+) tools", page.read_text())
    }
    assert told == {str(len(generate.tools()))}


def test_table_of_resources_is_complete() -> None:
    async def listed() -> set[str]:
        server = generate.idle_server()
        resources, templates = await server.list_resources(), await server.list_resource_templates()
        return {str(item.uri) for item in resources} | {item.uri_template for item in templates}

    rows = {row["Resource"].strip("`") for row in table("docs/reference/resources.md", "Resource")}
    assert rows == anyio.run(listed)


def test_every_outcome_status_is_explained() -> None:
    assert {row["Status"].strip("`") for row in table("docs/reference/results.md", "Status")} == set(
        OutcomeStatus
    )


def test_every_session_state_is_explained() -> None:
    told = [row["State"].strip("`") for row in table("docs/operations/troubleshooting.md", "State")]
    assert told == list(SessionState)


def test_every_connection_step_is_explained() -> None:
    steps = set(
        re.findall(r"``(\w+)``", (NetworkError.__doc__ or "").partition("step:")[2].partition("sent:")[0])
    )
    assert {row["Step"] for row in table("docs/operations/troubleshooting.md", "Step")} == steps


def test_every_field_of_a_route_is_explained() -> None:
    told = [
        row["Field of `Route`"].strip("`")
        for row in table("docs/operations/transports.md", "Field of `Route`")
    ]
    assert told == list(Route.__annotations__)


def test_every_kind_of_notification_is_explained() -> None:
    rows = table("docs/reference/feeds.md", "Kind")
    assert sorted(kind for row in rows for kind in code_spans(row["Kind"])) == journal_view._KINDS


# -- messages


@cache
def texts_of_the_code() -> str:
    """Return every string of the code on a line, with an ellipsis for inserted values."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value.replace("{}", "…"))
            elif isinstance(node, ast.JoinedStr):
                found.append(
                    "".join(
                        str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
                    )
                )
    return "\n".join(found)


def symptoms() -> list[str]:
    return [
        span
        for head, rows in tables("docs/operations/troubleshooting.md")
        if (column := next((name for name in ("Message", "Symptom") if name in head), None))
        for row in rows
        for span in code_spans(row[head.index(column)])
        if " " in span and not span.startswith("failed: ")
    ]


@pytest.mark.parametrize("symptom", symptoms())
def test_explained_message_is_in_the_code(symptom: str) -> None:
    assert symptom in texts_of_the_code()


# -- dependencies


def test_every_dependency_has_a_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    used = {
        re.split(r"[\[<>=~! ]", line)[0]
        for line in (*project["dependencies"], *extras["test"], *extras["docs"], *extras["fuzz"])
    }
    explained = [
        row[0].strip("`")
        for head, rows in tables("docs/contributing/decisions.md")
        if head[0] == "Package"
        for row in rows
    ]
    assert sorted(explained) == sorted(used)


def test_every_argument_has_a_type_and_no_empty_default() -> None:
    for page in PAGES:
        text = page.read_text()
        assert "`: ." not in text
        assert "`: array" not in text
        assert "| `` |" not in text
        assert "`` if not given" not in text
