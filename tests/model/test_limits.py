"""The limits that are told are those that are checked."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import LIMITS
from mcp_finesse.model.limits import (
    CALL_VARIABLE_BYTES,
    ECC_TOTAL_BYTES,
    ECC_VALUE_BYTES,
    WRAP_UP_LABEL_BYTES,
)
from mcp_finesse.rest.api import dialogs
from tests.rest.support import scripted

ECC = {f"user.a{number}": "x" * 200 for number in range(9)}


@pytest.mark.parametrize(
    ("variables", "most"),
    [
        ({"callVariable1": "x" * CALL_VARIABLE_BYTES}, CALL_VARIABLE_BYTES),
        ({"user.a": "x" * ECC_VALUE_BYTES}, ECC_VALUE_BYTES),
    ],
)
async def test_the_largest_value_passes_and_one_byte_more_does_not(
    variables: dict[str, str], most: int
) -> None:
    async with scripted() as (client, server):
        await dialogs.update_call_data(client, "33", variables, request_id="1")
        longer = {name: f"{value}x" for name, value in variables.items()}
        with pytest.raises(InvalidRequestError, match=f"the limit is {most}"):
            await dialogs.update_call_data(client, "33", longer, request_id="2")
        assert len(server.requests) == 1


async def test_the_total_and_the_label_are_limited_too() -> None:
    async with scripted() as (client, server):
        with pytest.raises(InvalidRequestError, match=f"the limit is {ECC_TOTAL_BYTES}"):
            await dialogs.update_call_data(client, "33", ECC | {"user.b": "x" * 210}, request_id="1")
        with pytest.raises(InvalidRequestError, match=f"the limit is {WRAP_UP_LABEL_BYTES}"):
            await dialogs.update_call_data(client, "33", {}, "x" * (WRAP_UP_LABEL_BYTES + 1), request_id="1")
        assert server.requests == []


def test_every_limit_says_what_how_much_and_what_then() -> None:
    for limit in LIMITS:
        assert limit.what
        assert any(character.isdigit() for character in limit.most)
        assert limit.beyond
    assert len({limit.what for limit in LIMITS}) == len(LIMITS)
