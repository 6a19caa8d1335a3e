"""ResendOrder: broken requests are sent again in order and before new ones."""

from __future__ import annotations

import asyncio

from mcp_finesse.xmpp.transport.bosh.body import LostReply
from mcp_finesse.xmpp.transport.bosh.order import ResendOrder


async def test_order_is_whole_when_the_last_broken_request_was_sent() -> None:
    told: list[str] = []
    order = ResendOrder(lambda: told.append("whole"))
    order.settled(1)  # it was not broken
    assert order.whole
    order.mark_broken(1)
    order.mark_broken(2)
    order.settled(1)
    assert (order.whole, told) == (False, [])
    order.settled(2)
    order.settled(2)
    assert (order.whole, told) == (True, ["whole"])


async def test_request_waits_for_all_earlier_broken_ones_only() -> None:
    order = ResendOrder(lambda: None)
    for rid in (1, 2, 3, 4):
        order.mark_broken(rid)
    turn = asyncio.create_task(order.wait_for_earlier(3))
    for earlier in (2, 1):
        await asyncio.sleep(0)
        assert not turn.done()
        order.settled(earlier)
    async with asyncio.timeout(1):
        await turn
        await order.wait_for_earlier(5 - 2)


async def test_recall_also_recalls_earlier_requests() -> None:
    order = ResendOrder(lambda: None)
    never = asyncio.Event()

    async def ask(rid: int) -> None:
        await order.attempt(rid, never.wait())

    asking = {rid: asyncio.create_task(ask(rid)) for rid in (1, 2, 4)}
    await asyncio.sleep(0)
    order.recall(3)
    order.recall(3)
    lost = await asyncio.gather(asking[1], asking[2], return_exceptions=True)
    assert [type(one) for one in lost] == [LostReply, LostReply]
    assert not asking[4].done()
    assert not order.whole
    asking[4].cancel()
