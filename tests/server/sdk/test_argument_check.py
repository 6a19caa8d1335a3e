"""Argument check: null means absent, blank text only in reading tools; unknown names are rejected."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.server import Selection
from mcp_finesse.server.policy.tool_entry import ToolEntry
from mcp_finesse.server.sdk.argument_check import check_arguments
from mcp_finesse.server.toolsets.selection import TOOLSETS
from tests.server.snapshot import pinned
from tests.server.support import call, connected, data, refusal, signed_in

SCHEMA: dict[str, Any] = {
    "properties": {
        "query": {"type": "string"},
        "limit": {"type": "integer"},
        "to_address": {"type": "string", "description": "A number. Omit to complete a consult"},
        "labels": {"type": "array"},
        "body": {"type": "string"},
    },
    "required": ["query"],
}
ENTRIES = {entry.name: entry for toolset in TOOLSETS.values() for entry in toolset.tools}
TOOLS = {tool["name"]: tool for tool in pinned(*TOOLSETS)}


def refused(arguments: dict[str, Any], *, writes: bool) -> str:
    with pytest.raises(InvalidRequestError) as caught:
        check_arguments(arguments, SCHEMA, writes=writes, may_be_blank={"body"})
    return caught.value.message


@pytest.mark.parametrize("writes", [True, False])
def test_null_means_absent(writes: bool) -> None:
    given = {"query": "x", "limit": None, "to_address": None}
    assert check_arguments(given, SCHEMA, writes=writes) == {"query": "x"}


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_blank_text_means_absent_in_reading_tools(blank: str) -> None:
    given = {"query": "x", "limit": blank, "to_address": blank}
    assert check_arguments(given, SCHEMA, writes=False) == {"query": "x"}


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_blank_text_is_rejected_by_name_in_writing_tools(blank: str) -> None:
    said = refused({"query": "x", "to_address": blank}, writes=True)
    assert said == "to_address is empty; omit it to complete a consult. Nothing was sent."
    said = refused({"query": "x", "limit": blank}, writes=True)
    assert said == "limit is empty; omit it or give a value. Nothing was sent."


def test_blank_required_argument_is_rejected_everywhere() -> None:
    assert refused({"query": " "}, writes=False) == "query is empty."
    assert refused({"query": ""}, writes=True) == "query is empty. Nothing was sent."


def test_blank_list_items_are_rejected() -> None:
    assert refused({"query": "x", "labels": ["a", " "]}, writes=True) == (
        "labels contains an empty item. Nothing was sent."
    )


def test_blank_content_is_accepted() -> None:
    given = {"query": "x", "body": ""}
    assert check_arguments(given, SCHEMA, writes=True, may_be_blank={"body"}) == given


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "limt",
            "Unknown argument 'limt'. Did you mean limit? Accepted arguments: query, limit, to_address, labels, body.",
        ),
        ("To_Adress", "Unknown argument 'To_Adress'. Did you mean to_address? Accepted arguments: query"),
        ("zzz", "Unknown argument 'zzz'. Accepted arguments: query"),
    ],
)
def test_unknown_argument_is_rejected_with_the_nearest_known_one(name: str, said: str) -> None:
    assert refused({"query": "x", name: 1}, writes=False).startswith(said)


# -- every tool


def optional(entry: ToolEntry) -> list[str]:
    schema = TOOLS[entry.name]["inputSchema"]
    return [name for name in schema["properties"] if name not in schema.get("required", ())]


WRITING = [entry for entry in ENTRIES.values() if entry.effect.changes_finesse]


@pytest.mark.parametrize("entry", WRITING, ids=lambda entry: entry.name)
async def test_optional_arguments_of_writing_tools_must_not_be_blank(entry: ToolEntry) -> None:
    session = signed_in()
    session.have(call(actions=("HOLD", "TRANSFER", "TRANSFER_SST")))
    names = [name for name in optional(entry) if (entry.name, name) != ("send_request", "body")]
    async with connected(session, selection=Selection(["all"])) as client:
        for name in names:
            said = await refusal(client, entry.name, **{name: " "})
            assert f"{name} is empty; omit it" in said
            assert "Nothing was sent." in said
    assert session.sent == []


async def test_blank_address_does_not_complete_a_consult_transfer(era: str) -> None:
    session = signed_in()
    session.have(call(actions=("TRANSFER", "TRANSFER_SST")))
    async with connected(session, era) as client:
        said = await refusal(client, "transfer_call", to_address="")
    assert "to_address is empty; omit it to complete a consult. Nothing was sent." in said
    assert session.sent == []


async def test_null_is_accepted_for_every_optional_parameter(era: str) -> None:
    session = signed_in()
    session.have(call())
    async with connected(session, era) as client:
        assert (await data(client, "hold_call", dialog_id=None))["status"] == "confirmed"
        assert (await data(client, "get_dialogs", dialog_id=None))["dialogs"]
        assert (await data(client, "get_dialogs", dialog_id=""))["dialogs"]
        told = await data(client, "wait_for_notification", feed=None, kind="", also=None, timeout=0)
    assert told["status"] == "nothing_yet"


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("query", "[redacted]"),
        ("query", "order [REDACTED], please"),
        ("labels", ["Sale", "[redacted]"]),
        ("labels", [{"name": "callVariable1", "value": "[redacted]"}]),
        ("labels", {"callVariable1": "a", "[redacted]": "b"}),
        ("body", "<value>[redacted]</value>"),
    ],
)
def test_redacted_value_is_refused_as_an_argument(writes: bool, name: str, value: Any) -> None:
    said = refused({"query": "x", name: value}, writes=writes)
    assert said.startswith(f"{name} contains [redacted].")
    assert "a value that this server does not show" in said
    assert "Nothing was sent." in said


async def test_redacted_value_that_is_written_back_sends_nothing() -> None:
    session = signed_in()
    session.have(call("331", callVariable3="4111111111111111"))
    async with connected(session) as client:
        shown = await data(client, "get_dialogs")
        variables = shown["dialogs"][0]["caller_supplied"]["call_variables"]
        assert variables == {"callVariable3": "[redacted]"}
        said = await refusal(client, "update_call_data", call_variables=variables)
    assert "contains [redacted]" in said
    assert session.sent == []
