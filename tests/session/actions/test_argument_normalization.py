"""Arguments of actions are stripped once, so the compared values are the values sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import CallAction
from mcp_finesse.rest.api import dialogs
from mcp_finesse.session.actions.action import Action, PreparedRequest, action
from mcp_finesse.session.actions.agent import change_state, sign_in
from mcp_finesse.session.actions.calls import consult_call, make_call
from mcp_finesse.session.actions.completion import NeverReported
from tests.session.support import AGENT, COLLEAGUE_EXTENSION, EXTENSION, Floor, floor

PADDING = [" {}", "{} ", "{}\t", "{}\n", "\r\n {}\u00a0"]


def test_strings_and_sequences_are_stripped_and_mappings_and_enums_are_kept() -> None:
    seen: list[object] = []

    @action(dialogs.HOLD)
    def make(*args: object, **kwargs: object) -> Action:
        seen.extend([*args, *kwargs.values()])
        return Action("X", "user", lambda _: PreparedRequest(NeverReported(""), lambda _rest, _rid: None))  # type: ignore[arg-type,return-value]

    make(" a ", ["b\n"], (" c",), {"v": " d "}, CallAction.HOLD, None, 5, e="\te")
    assert seen == ["a", ["b"], ("c",), {"v": " d "}, CallAction.HOLD, None, 5, "e"]
    assert type(seen[4]) is CallAction


@pytest.mark.parametrize("padding", PADDING)
async def test_padded_number_is_called_and_confirmed(finesse: Floor, padding: str) -> None:
    await finesse.sign_in()
    outcome = await finesse.session.act(make_call(AGENT, padding.format("2125550101")))
    assert outcome.status == "confirmed", outcome


async def test_repeated_call_guard_recognizes_padded_number(finesse: Floor) -> None:
    await finesse.sign_in()
    finesse.simulator.faults.http_status(202)
    first = await finesse.session.act(make_call(AGENT, " 2125550101"))
    assert first.status == "unknown"
    with pytest.raises(InvalidRequestError, match="may still be placed"):
        await finesse.session.act(make_call(AGENT, "2125550101\n"))
    assert len(finesse.sent("POST")) == 1


async def test_call_id_and_number_with_padding_are_consulted(finesse: Floor) -> None:
    finesse.colleague_ready()
    call = await finesse.talking()
    outcome = await finesse.session.act(consult_call(f"{call} ", f"{COLLEAGUE_EXTENSION}\t"))
    assert outcome.status == "confirmed", outcome


async def test_padded_extension_and_device_sign_in(tmp_path: Path) -> None:
    async with floor(tmp_path) as finesse:
        outcome = await finesse.session.act(sign_in(AGENT, f" {EXTENSION} "))
        assert outcome.status == "confirmed", outcome
        again = await finesse.session.act(sign_in(AGENT, f"{EXTENSION}\n"))
        assert again.status == "unchanged"
        state = await finesse.session.act(change_state(AGENT, " READY"))
        assert state.status == "confirmed"
