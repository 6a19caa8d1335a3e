"""Finesse in a process of its own, so that its CPU is nobody's: publishes updates at a steady pace.

Each line of input asks for some: ``{"node": ..., "count": ..., "rate": ...}``, rate in events per second; each is
answered by a line when the last was sent. The request id of an update tells when it was sent, in nanoseconds of the
monotonic clock, which all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import time
from xml.sax.saxutils import escape

from tests.benchmarks.stanzas import update
from tests.peers.publisher import Publisher, publisher_at
from tests.peers.xmpp_server import PUBSUB


async def main(port: str, ca_file: str) -> None:
    trust = ssl.create_default_context(cafile=ca_file)
    number = 0
    async with publisher_at(int(port), trust) as finesse:
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            asked = json.loads(line)
            await finesse.create(asked["node"])
            await publish(finesse, number, **asked)
            number += asked["count"]
            print("sent", flush=True)


async def publish(finesse: Publisher, number: int, node: str, count: int, rate: float) -> None:
    clock = asyncio.get_running_loop().time
    begun = clock()
    for i in range(count):
        await asyncio.sleep(begun + i / rate - clock())
        text = escape(update(number + i, f"sent-{time.monotonic_ns()}"))
        finesse.client.send_raw(
            f'<iq type="set" to="{PUBSUB}" id="p{number + i}"><pubsub xmlns="http://jabber.org/protocol/pubsub">'
            f'<publish node="{node}"><item><notification>{text}</notification></item></publish></pubsub></iq>'
        )


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
