"""Results contain no nulls, and long ones are truncated with the number of omitted items."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mcp_finesse.errors import ApiErrorDetail
from mcp_finesse.model import CallVariable, Dialog, Queue, ReasonCode, Update, WrapUpReason
from mcp_finesse.rest.responses import Answer
from mcp_finesse.server import Selection
from mcp_finesse.server.present import limits
from mcp_finesse.server.toolsets.selection import TOOLSETS
from mcp_finesse.session import DifferenceInfo, ErrorInfo, FeedStatus, LinkStatus, SessionStatus
from tests.mirrored import set_user
from tests.server.support import (
    ScriptedSession,
    agent,
    call,
    confirmed,
    connected,
    data,
    signed_in,
    tell,
    text_of,
)

ARGUMENTS: dict[str, dict[str, Any]] = {
    "wait_for_notification": {"after": "life:0", "kind": "dialogs", "timeout": 0},
    "subscribe_feed": {"feed": "queues"},
    "unsubscribe_feed": {"feed": "queues"},
    "explain_error": {"code": "33"},
    "sign_in": {"extension": "4501"},
    "change_state": {"state": "READY"},
    "search_contacts": {"query": "Kim"},
    "make_call": {"to_address": "4502"},
    "answer_call": {"dialog_id": "331"},
    "hold_call": {"dialog_id": "331"},
    "retrieve_call": {"dialog_id": "331"},
    "end_call": {"dialog_id": "331"},
    "consult_call": {"to_address": "4502", "dialog_id": "331"},
    "transfer_call": {"to_address": "4502", "dialog_id": "331"},
    "conference_call": {"dialog_id": "331"},
    "send_dtmf": {"digits": "1", "dialog_id": "331"},
    "update_call_data": {"call_variables": {"callVariable1": "x"}, "dialog_id": "331"},
    "wrap_up_call": {"reason": "Sale", "dialog_id": "331"},
    "send_request": {"method": "PUT", "path": "User/1001"},
    "get_raw_notification": {"number": 1},
}
"""Arguments for each tool that requires some. The others are called without."""
OWN = [entry.name for name in ("core", "agent", "developer") for entry in TOOLSETS[name].tools]


class Busy(ScriptedSession):
    """A session with much of everything, and many empty values."""

    @property
    def status(self) -> SessionStatus:
        siblings = tuple(f"1001@finesse/{number}" for number in range(50))
        link = LinkStatus(transport="websocket", address="1001@finesse/x", connected=True, siblings=siblings)
        return super().status.model_copy(update={"link": link})

    def feeds(self) -> list[FeedStatus]:
        return [self._feed(f"team:{number}") for number in range(limits.MAX_FEEDS + 5)]

    async def codes(self, category: str) -> list[ReasonCode]:
        return [ReasonCode(id=number, code=number, label=None) for number in range(limits.MAX_CODES + 2)]

    async def wrap_up_reasons(self) -> list[WrapUpReason]:
        return [WrapUpReason(id=n, label="Sale" if n == 0 else f"{n}") for n in range(limits.MAX_CODES + 3)]


def crowded(dialog_id: str = "331") -> Dialog:
    """Return a call with more of everything than is shown."""
    dialog = call(dialog_id, actions=("HOLD", "DROP", "UPDATE_CALL_DATA"))
    assert dialog.media_properties is not None
    media = dialog.media_properties.model_copy(
        update={
            "wrap_up_items": [f"reason {number}" for number in range(limits.MAX_WRAP_UP_ITEMS + 4)],
            "call_variables": [
                CallVariable(name=f"user.v{number}", value="x") for number in range(limits.MAX_VARIABLES + 6)
            ],
        }
    )
    people = [dialog.participants[1]] * (limits.MAX_PARTICIPANTS + 7)
    return dialog.model_copy(
        update={"media_properties": media, "participants": [dialog.participants[0], *people]}
    )


def busy() -> Busy:
    session = Busy()
    session.wanted.append("queues")
    set_user(session.mirror, agent(state_change_time=None, team_id=None, team_name=None))
    session.have(*(crowded(str(number)) for number in range(331, 331 + limits.MAX_DIALOGS + 8)))
    dialogs = [crowded(str(number)) for number in range(limits.MAX_DIALOGS_OF_NOTIFICATION + 9)]
    session.hear(
        "dialogs", Update(event="POST", source="/finesse/api/User/1001/Dialogs", dialogs=dialogs), raw="<x/>"
    )
    details = tuple(ApiErrorDetail("Invalid State", "", str(n)) for n in range(limits.MAX_ERRORS + 10))
    session.hear("user", Update(event="PUT", source="/finesse/api/User/1001", errors=details))
    queues = [Queue(id=f"{number}") for number in range(limits.MAX_ITEMS + 11)]
    session.hear("queues", Update(event="PUT", source="/finesse/api/User/1001/Queues", queues=queues))
    outcome = confirmed(
        dialog=crowded(),
        differences=tuple(DifferenceInfo(field="x", asked="a", got="") for _ in range(limits.MAX_ERRORS + 1)),
        errors=tuple(ErrorInfo(type="Invalid State") for _ in range(limits.MAX_ERRORS + 2)),
    )
    session.outcomes += [outcome] * 3
    session.answers.append(Answer("request", 202, "", "", b""))
    return session


def nothings(value: Any, path: str = "") -> Iterator[str]:
    """Yield where a result holds a null."""
    if value is None:
        yield path
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from nothings(item, f"{path}.{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from nothings(item, f"{path}[{number}]")


@pytest.mark.parametrize("tool", OWN)
async def test_no_tool_returns_nulls(tool: str) -> None:
    async with connected(busy(), selection=Selection(["all"])) as client:
        result = await client.call_tool(tool, ARGUMENTS.get(tool, {}))
    text = text_of(result)
    assert "None" not in text
    if result.is_error:  # an action the state does not allow is an error text
        assert result.structured_content is None
        assert tool in (
            "answer_call",
            "conference_call",
            "retrieve_call",
            "consult_call",
            "transfer_call",
            "send_dtmf",
            "drop_participant",
            "get_team",
        )
    else:
        assert result.structured_content
        assert list(nothings(result.structured_content)) == []


@pytest.mark.parametrize(
    ("tool", "left_out"),
    [
        ("get_dialogs", 8 + limits.MAX_DIALOGS_OF_NOTIFICATION + 9),
        ("list_feeds", 5),
        ("get_codes", 2 + 2 + 3),
        ("hold_call", 1 + 2),
    ],
)
async def test_long_list_is_truncated_and_the_omitted_items_counted(tool: str, left_out: int) -> None:
    async with connected(busy()) as client:
        told = await data(client, tool, **ARGUMENTS.get(tool, {}))
        assert told["left_out"] == left_out
        assert "left out" in await tell(client, tool, **ARGUMENTS.get(tool, {}))


async def test_nested_lists_are_truncated_too() -> None:
    async with connected(busy()) as client:
        [dialog] = (await data(client, "get_dialogs", dialog_id="331"))["dialogs"]
        told, errors, queues = (await data(client, "get_notifications"))["notifications"]
        link = (await data(client, "get_session_status"))["link"]
    assert dialog["participants_left_out"] == 8
    assert dialog["caller_supplied"]["wrap_up_items_left_out"] == 4
    assert dialog["caller_supplied"]["call_variables_left_out"] == 6
    assert told["dialogs_left_out"] == 9
    assert errors["errors_left_out"] == 10
    assert queues["queues_left_out"] == 11
    assert link["siblings_left_out"] == 30


async def test_status_without_a_connection_has_no_link() -> None:
    async with connected(signed_in()) as client:
        told = await data(client, "get_session_status")
    assert "link" not in told
