"""A call in wrap-up cannot be transferred."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.session.actions.transfer import transfer_call
from mcp_finesse.simulator.settings import RequestIds
from tests.session.matrix.bench import COLLEAGUE_EXTENSION, EXTENSION, bench
from tests.session.matrix.rows import talking


@pytest.mark.parametrize("request_ids", ["all", "sparse"])
@pytest.mark.parametrize("to_address", [COLLEAGUE_EXTENSION, None], ids=["blind", "consult"])
async def test_transfer_of_a_call_in_wrap_up_is_rejected_and_not_sent(
    request_ids: RequestIds, to_address: str | None
) -> None:
    async with bench(request_ids) as made:
        call = await talking(made)
        await made.known()
        made.center.customers.hang_up(call)
        await made.until(lambda: made.party(call, EXTENSION) == "WRAP_UP")
        await made.known()
        with pytest.raises(InvalidRequestError):
            await made.act(transfer_call(call, to_address), lambda: False)
        assert made.writes() == 0
