"""Completion of resource template arguments from known values."""

from __future__ import annotations

import pytest
from mcp.client import Client
from mcp.types import PromptReference, ResourceTemplateReference

from mcp_finesse.server import build_server
from mcp_finesse.server.present import uris
from mcp_finesse.server.resources.completions import MAX_VALUES
from mcp_finesse.server.resources.reference import TOPICS
from tests.mirrored import set_user
from tests.server.support import call, connected, signed_in
from tests.server.support_groups import queue


@pytest.mark.parametrize(
    ("template", "argument", "begun", "expected"),
    [
        (uris.REFERENCE_TEMPLATE, "topic", "", list(TOPICS)),
        (uris.REFERENCE_TEMPLATE, "topic", "R", ["reason-codes"]),
        (uris.REFERENCE_TEMPLATE, "topic", "weather", []),
        (uris.REFERENCE_TEMPLATE, "other", "", []),
        (uris.DIALOG_TEMPLATE, "id", "33", ["331", "332"]),
        (uris.TEAM_TEMPLATE, "id", "", ["310"]),
        (uris.QUEUE_TEMPLATE, "id", "7", ["77"]),
        (uris.FEED_TEMPLATE, "feed", "dia", ["dialogs"]),
        (uris.SINCE_TEMPLATE, "after", "", []),
    ],
)
async def test_argument_is_completed_from_its_prefix(
    template: str, argument: str, begun: str, expected: list[str], era: str
) -> None:
    session = signed_in()
    session.have(call("331"), call("332"))
    session.mirror.queue_store.merge([queue("77", "Sales"), queue("91", "Service")])
    async with connected(session, era) as client:
        reference = ResourceTemplateReference(uri=template)
        result = await client.complete(reference, {"name": argument, "value": begun})
    assert result.completion.values == expected


async def test_agent_without_a_team_gets_no_team_completions() -> None:
    session = signed_in()
    set_user(session.mirror, None)
    async with connected(session) as client:
        reference = ResourceTemplateReference(uri=uris.TEAM_TEMPLATE)
        result = await client.complete(reference, {"name": "id", "value": ""})
    assert result.completion.values == []


async def test_at_most_a_hundred_completions_are_returned_with_the_total() -> None:
    session = signed_in()
    session.have(*(call(str(number)) for number in range(130)))
    async with connected(session) as client:
        reference = ResourceTemplateReference(uri=uris.DIALOG_TEMPLATE)
        told = (await client.complete(reference, {"name": "id", "value": ""})).completion
    assert (len(told.values), told.total, told.has_more) == (MAX_VALUES, 130, True)


async def test_prompts_have_no_completions() -> None:
    async with connected(signed_in()) as client:
        result = await client.complete(PromptReference(name="x"), {"name": "topic", "value": ""})
    assert result.completion.values == []


async def test_closed_server_returns_no_completions() -> None:
    mcp = build_server(signed_in().as_session())
    async with Client(mcp) as client:
        mcp.sessions._session = None  # type: ignore[attr-defined]
        reference = ResourceTemplateReference(uri=uris.DIALOG_TEMPLATE)
        assert (await client.complete(reference, {"name": "id", "value": ""})).completion.values == []
