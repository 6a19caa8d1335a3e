"""Users: every documented request body, byte by byte."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import AgentState
from mcp_finesse.rest.api.users import change_state, get_dialogs, get_user, sign_in, sign_out
from tests.rest.support import scripted, xml


async def test_user_is_read() -> None:
    async with scripted(xml("<User><loginId>1001</loginId><state>READY</state></User>")) as (client, server):
        user = await get_user(client, "ada@corp.test")

    assert (user.login_id, user.state) == ("1001", AgentState.READY)
    assert server.requests[0].line == "GET /finesse/api/User/ada%40corp.test"


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ("<Dialogs/>", []),
        ("<Dialogs><Dialog><id>1</id></Dialog></Dialogs>", ["1"]),
        ("<Dialogs><Dialog><id>1</id></Dialog><Dialog><id>2</id></Dialog></Dialogs>", ["1", "2"]),
    ],
)
async def test_dialogs_of_a_user_are_read(body: str, ids: list[str]) -> None:
    async with scripted(xml(body)) as (client, server):
        assert [dialog.id for dialog in await get_dialogs(client, "1001")] == ids

    assert server.requests[0].line == "GET /finesse/api/User/1001/Dialogs"


async def test_sign_in_sends_state_login_and_extension() -> None:
    async with scripted() as (client, server):
        await sign_in(client, "1001", " 4501 ", request_id="r-1")

    (request,) = server.requests
    assert request.line == "PUT /finesse/api/User/1001"
    assert request.headers["requestId"] == "r-1"
    assert request.body == b"<User><state>LOGIN</state><extension>4501</extension></User>"


@pytest.mark.parametrize(
    ("reason", "body"),
    [
        (None, b"<User><state>LOGOUT</state></User>"),
        (31, b"<User><state>LOGOUT</state><reasonCodeId>31</reasonCodeId></User>"),
    ],
)
async def test_sign_out_sends_state_logout_and_reason(reason: int | None, body: bytes) -> None:
    async with scripted() as (client, server):
        await sign_out(client, "1001", reason, request_id="r-1")

    assert server.requests[0].body == body


@pytest.mark.parametrize(
    ("state", "reason", "body"),
    [
        (AgentState.READY, None, b"<User><state>READY</state></User>"),
        ("NOT_READY", None, b"<User><state>NOT_READY</state></User>"),
        (AgentState.NOT_READY, 23, b"<User><state>NOT_READY</state><reasonCodeId>23</reasonCodeId></User>"),
    ],
)
async def test_change_state_sends_state_and_reason(state: str, reason: int | None, body: bytes) -> None:
    async with scripted() as (client, server):
        await change_state(client, "1001", state, reason, request_id="r-1")

    assert server.requests[0].body == body


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        ("TALKING", None, "TALKING"),
        ("LOGIN", None, "LOGIN"),
        ("ready", None, "ready"),
        ("x" * 99, None, r"x{40}\.\.\.'"),
        ("READY", 23, "no reason code"),
    ],
)
async def test_states_that_cannot_be_requested_are_not_sent(
    state: str, reason: int | None, words: str
) -> None:
    async with scripted() as (client, server):
        with pytest.raises(InvalidRequestError, match=words):
            await change_state(client, "1001", state, reason, request_id="r-1")
        with pytest.raises(InvalidRequestError):
            await sign_in(client, "1001", "", request_id="r-1")

        assert server.requests == []
