"""Requests that the platform or its configuration cannot accept are rejected before they are sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.session import FinesseSession
from mcp_finesse.session.actions.action import Action
from mcp_finesse.session.actions.agent import sign_in
from mcp_finesse.session.actions.call_data import update_call_data
from mcp_finesse.session.actions.calls import make_call, send_dtmf
from mcp_finesse.session.actions.supervision import drop_participant, start_recording
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.session.support import AGENT, Floor, config_for

NUMBER = "2125550101"


@pytest.mark.parametrize(
    ("platform", "action", "said"),
    [
        (
            "UCCX",
            make_call(AGENT, NUMBER, {"callVariable1": "x"}),
            "UCCX does not accept call variables",
        ),
        ("UCCX", sign_in(AGENT, "1234567890123456"), "has 16 characters"),
        ("UCCE", sign_in(AGENT, "+12125550100"), "E.164"),
        ("UCCE", start_recording("1"), "does not exist on UCCE"),
        ("UCCX", drop_participant("1", "4501"), "does not exist on UCCX"),
        (
            "UCCE",
            make_call(AGENT, NUMBER, {"user.orderId": "x" * 21}),
            "21 bytes in UTF-8; the limit is 20",
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Action) else value,
)
async def test_request_that_the_platform_cannot_accept_is_not_sent(
    tmp_path: Path, platform: str, action: Action, said: str
) -> None:
    async with Simulator(SimulatorSettings(platform=platform)) as simulator:  # type: ignore[arg-type]
        config = config_for(simulator, tmp_path, ecc_lengths={"user.orderId": 20})
        async with FinesseSession(config) as session:
            await session.ready(10)
            if action.name == "MAKE_CALL":
                await session.act(sign_in(AGENT, "4501"))
            sent = [request for request in simulator.requests if request.method != "GET"]
            with pytest.raises(InvalidRequestError, match=said):
                await session.act(action)
            assert [request for request in simulator.requests if request.method != "GET"] == sent


async def test_uccx_rejects_letter_tones_and_overlong_variables(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings(platform="UCCX")) as simulator:
        config = config_for(simulator, tmp_path, ecc_lengths={"user.orderId": 20})
        async with FinesseSession(config) as session:
            await session.ready(10)
            call = await Floor(simulator, session, config).talking()
            with pytest.raises(InvalidRequestError, match="a letter, which UCCX does not support"):
                await session.act(send_dtmf(call, "1A"))
            with pytest.raises(InvalidRequestError, match="the limit is 20"):
                await session.act(update_call_data(call, {"user.orderId": "x" * 21}))
