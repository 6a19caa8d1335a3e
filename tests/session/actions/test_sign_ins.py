"""Sign-in as a mobile agent and sign-in with one phone of a shared line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.session import FinesseSession, Outcome
from mcp_finesse.session.actions.agent import sign_in, sign_in_mobile
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.session.support import CUSTOMER, Floor, config_for

MOBILE, LINE = "1003", "4503"


@asynccontextmanager
async def session_of(user: str, folder: Path, **settings: Any) -> AsyncIterator[Floor]:
    async with Simulator(SimulatorSettings(**settings)) as simulator:
        config = config_for(simulator, folder, user=user)
        async with FinesseSession(config) as session:
            await session.ready(10)
            yield Floor(simulator, session, config)


async def test_mobile_agent_signs_in_call_by_call(tmp_path: Path) -> None:
    async with session_of(MOBILE, tmp_path) as finesse:
        outcome = await finesse.session.act(sign_in_mobile(MOBILE, LINE, "CALL_BY_CALL", CUSTOMER))
        assert outcome.status == "confirmed", outcome
        assert outcome.user is not None
        assert outcome.user.mobile_agent is not None
        assert (outcome.user.mobile_agent.mode, outcome.user.mobile_agent.dial_number) == (
            "CALL_BY_CALL",
            CUSTOMER,
        )
        again = await finesse.session.act(sign_in_mobile(MOBILE, LINE, "CALL_BY_CALL", CUSTOMER))
        assert again.status == "unchanged"


async def test_nailed_connection_sign_in_completes_when_the_agent_answers(tmp_path: Path) -> None:
    async with session_of(MOBILE, tmp_path) as finesse:
        action = sign_in_mobile(MOBILE, LINE, "NAILED_CONNECTION", "2125550199")
        unknown = await finesse.session.act(action)
        assert unknown.status == "unknown", unknown
        assert finesse.simulator.center.truth()["users"][MOBILE]["state"] == "LOGOUT"
        finesse.simulator.center.customers.answer_mobile_agent(MOBILE)
        await finesse.until(lambda: finesse.session.mirror.extension == LINE)
        assert (await finesse.session.act(action)).status == "unchanged"


async def test_mobile_sign_in_of_ordinary_agent_is_failed(tmp_path: Path) -> None:
    async with session_of("1001", tmp_path) as finesse:
        outcome = await finesse.session.act(sign_in_mobile("1001", "4501", "CALL_BY_CALL", CUSTOMER))
        assert outcome.status == "failed"
        assert "Mode Not Allowed" in outcome.message


async def test_agent_signed_in_with_a_phone_is_not_reported_as_mobile(tmp_path: Path) -> None:
    async with session_of(MOBILE, tmp_path) as finesse:
        assert (await finesse.session.act(sign_in(MOBILE, LINE))).status == "confirmed"
        outcome = await finesse.session.act(sign_in_mobile(MOBILE, LINE, "CALL_BY_CALL", CUSTOMER))
        assert outcome.status == "unknown", outcome
        assert len(finesse.sent()) == 2
        assert differences(outcome) == {"mode": "", "dial_number": ""}


async def test_mobile_sign_in_on_uccx_is_not_sent(tmp_path: Path) -> None:
    async with session_of(MOBILE, tmp_path, platform="UCCX") as finesse:
        with pytest.raises(InvalidRequestError, match="does not exist on UCCX"):
            await finesse.session.act(sign_in_mobile(MOBILE, LINE, "CALL_BY_CALL", CUSTOMER))
        assert finesse.sent() == []


async def test_sign_in_selects_one_phone_of_a_shared_line(tmp_path: Path) -> None:
    async with session_of("2002", tmp_path) as finesse:
        outcome = await finesse.session.act(sign_in("2002", "4523", "CSFGLUND"))
        assert outcome.status == "confirmed", outcome
        assert outcome.user is not None
        assert outcome.user.active_device_id == "CSFGLUND"


async def test_sign_in_with_phone_not_on_the_line_is_failed(tmp_path: Path) -> None:
    async with session_of("2002", tmp_path) as finesse:
        outcome = await finesse.session.act(sign_in("2002", "4523", "SEP000000000000"))
        assert outcome.status == "failed"
        assert "Invalid Device" in outcome.message


def differences(outcome: Outcome) -> dict[str, str]:
    return {each.field: each.got for each in outcome.differences}
