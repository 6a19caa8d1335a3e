"""Codes are read from the team, or from the user where Finesse has no TeamResource."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import InvalidRequestError, RefusedError
from mcp_finesse.rest.api.codes import get_reason_codes, get_wrap_up_reasons
from tests.rest.support import Reply, api_error, html, scripted, xml

CODES = xml(
    "<ReasonCodes category='NOT_READY'><ReasonCode><uri>/finesse/api/ReasonCode/23</uri><label>Lunch</label>"
    "</ReasonCode></ReasonCodes>"
)
REASONS = xml("<WrapUpReasons><WrapUpReason><label>Sale</label></WrapUpReason></WrapUpReasons>")


async def test_reason_codes_are_read_from_the_team() -> None:
    async with scripted(CODES) as (client, server):
        (code,) = await get_reason_codes(client, "1001", "310", "NOT_READY")

    assert (code.id, code.label) == (23, "Lunch")
    assert server.requests[0].line == "GET /finesse/api/TeamResource/310/ReasonCodes?category=NOT_READY"


async def test_wrap_up_reasons_are_read_from_the_team() -> None:
    async with scripted(REASONS) as (client, server):
        (reason,) = await get_wrap_up_reasons(client, "1001", "310")

    assert reason.label == "Sale"
    assert server.requests[0].line == "GET /finesse/api/TeamResource/310/WrapUpReasons"


@pytest.mark.parametrize(
    "old", [api_error(404, "Not Found"), html(status=404), api_error(501, "Not Implemented")]
)
async def test_codes_are_read_from_the_user_on_older_releases(old: Reply) -> None:
    async with scripted(old, CODES, old, REASONS) as (client, server):
        assert len(await get_reason_codes(client, "1001", "310", "LOGOUT")) == 1
        assert len(await get_wrap_up_reasons(client, "1001", "310")) == 1

    assert [request.target for request in server.requests[1::2]] == [
        "/finesse/api/User/1001/ReasonCodes?category=LOGOUT",
        "/finesse/api/User/1001/WrapUpReasons",
    ]


async def test_codes_of_a_user_without_team_are_read_from_the_user() -> None:
    async with scripted(REASONS) as (client, server):
        await get_wrap_up_reasons(client, "1001", None)

    assert [request.target for request in server.requests] == ["/finesse/api/User/1001/WrapUpReasons"]


async def test_other_errors_do_not_fall_back_to_the_user() -> None:
    async with scripted(api_error(400, "Invalid Input")) as (client, server):
        with pytest.raises(RefusedError):
            await get_wrap_up_reasons(client, "1001", "310")

        assert len(server.requests) == 1


async def test_no_codes_are_an_empty_list() -> None:
    async with scripted(xml("<ReasonCodes category='LOGOUT'/>")) as (client, _):
        assert await get_reason_codes(client, "1001", "310", "LOGOUT") == []


async def test_unknown_category_is_rejected() -> None:
    async with scripted() as (client, server):
        with pytest.raises(InvalidRequestError, match="LUNCH"):
            await get_reason_codes(client, "1001", "310", "LUNCH")

        assert server.requests == []
