"""The relay does to connections what its methods say, or every test that uses it would prove nothing."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from mcp_finesse.simulator import Simulator
from tests.relay import NO_LINGERING, Relay, Streams

LIMIT = 5.0


class Echo:
    """A server that answers each line with ``heard: `` and the line, and notes what came."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.ends: list[str] = []
        self.changed = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                self.note(self.lines, line)
                writer.write(b"heard: " + line)
            self.note(self.ends, "closed")
        except ConnectionResetError:
            self.note(self.ends, "reset")
        finally:
            writer.close()

    def note(self, where: list[bytes] | list[str], what: bytes | str) -> None:
        where.append(what)  # type: ignore[arg-type]
        self.changed.set()

    async def until(self, count: int, where: list[bytes] | list[str]) -> None:
        async with asyncio.timeout(LIMIT):
            while len(where) < count:
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
async def relay(echo: Echo) -> AsyncIterator[Relay]:
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    try:
        async with Relay("127.0.0.1", server.sockets[0].getsockname()[1]) as relay:
            yield relay
    finally:
        server.close()


async def connect(relay: Relay) -> Streams:
    return await asyncio.open_connection("127.0.0.1", relay.port)


async def say(client: Streams, line: bytes) -> None:
    client[1].write(line + b"\n")
    await client[1].drain()


async def ask(client: Streams, line: bytes) -> bytes:
    await say(client, line)
    return await asyncio.wait_for(client[0].readline(), LIMIT)


async def ended(client: Streams) -> bytes:
    """What still comes before the other side closes in order."""
    rest = await asyncio.wait_for(client[0].read(), LIMIT)
    client[1].close()
    return rest


async def was_reset(client: Streams) -> None:
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(client[0].read(), LIMIT)
    client[1].close()


async def nothing_comes(client: Streams, seconds: float = 0.05) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client[0].read(1), seconds)


async def test_it_forwards_both_ways_and_counts(relay: Relay, echo: Echo) -> None:
    first, second = await connect(relay), await connect(relay)
    assert await ask(first, b"one") == b"heard: one\n"
    assert await ask(second, b"two") == b"heard: two\n"
    assert (relay.accepted, relay.open) == (2, 2)
    first[1].write_eof()
    assert await ended(first) == b""
    await echo.until(1, echo.ends)
    assert echo.ends == ["closed"]


async def test_a_reset_passes_through(relay: Relay, echo: Echo) -> None:
    client = await connect(relay)
    await ask(client, b"one")
    connection = client[1].transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGERING)
    client[1].transport.abort()
    await echo.until(1, echo.ends)
    assert echo.ends == ["reset"]


async def test_a_server_that_refuses_is_a_reset_for_the_client(relay: Relay) -> None:
    async with Relay("127.0.0.1", relay.port) as before:
        relay.refuse()
        client = await connect(before)
        await was_reset(client)
        assert before.accepted == 1


async def test_delay_makes_everything_late_and_keeps_the_order(relay: Relay) -> None:
    client = await connect(relay)
    relay.delay(0.05)
    began = time.monotonic()
    for line in (b"one", b"two"):
        await say(client, line)
    assert await asyncio.wait_for(client[0].readexactly(22), LIMIT) == b"heard: one\nheard: two\n"
    assert time.monotonic() - began >= 0.1
    relay.delay(0)
    assert await ask(client, b"three") == b"heard: three\n"


async def test_cut_closes_both_sides_in_order(relay: Relay, echo: Echo) -> None:
    client = await connect(relay)
    await ask(client, b"one")
    relay.cut()
    assert await ended(client) == b""
    await echo.until(1, echo.ends)
    assert echo.ends == ["closed"]
    async with asyncio.timeout(5):
        while relay.open:  # noqa: ASYNC110 - the relay has no event for it
            await asyncio.sleep(0.005)


async def test_reset_resets_both_sides(relay: Relay, echo: Echo) -> None:
    client = await connect(relay)
    await ask(client, b"one")
    relay.reset()
    await was_reset(client)
    await echo.until(1, echo.ends)
    assert echo.ends == ["reset"]


async def test_after_a_cut_new_connections_are_served(relay: Relay) -> None:
    first = await connect(relay)
    relay.cut()
    await ended(first)
    assert await ask(await connect(relay), b"two") == b"heard: two\n"


class TestFreeze:
    async def test_both_ways_and_thaw(self, relay: Relay, echo: Echo) -> None:
        client = await connect(relay)
        await ask(client, b"one")
        relay.freeze()
        await say(client, b"two")
        await nothing_comes(client)
        assert echo.lines == [b"one\n"]
        assert relay.open == 1
        relay.thaw()
        assert await asyncio.wait_for(client[0].readline(), LIMIT) == b"heard: two\n"

    async def test_only_what_comes_back(self, relay: Relay, echo: Echo) -> None:
        client = await connect(relay)
        relay.freeze(to_server=False)
        await say(client, b"one")
        await echo.until(1, echo.lines)
        await nothing_comes(client)
        relay.thaw()
        assert await asyncio.wait_for(client[0].readline(), LIMIT) == b"heard: one\n"

    async def test_only_what_goes_out(self, relay: Relay, echo: Echo) -> None:
        client = await connect(relay)
        await ask(client, b"one")
        relay.freeze(to_client=False)
        await say(client, b"two")
        await nothing_comes(client)
        assert echo.lines == [b"one\n"]

    async def test_the_end_of_a_side_is_held_back_too(self, relay: Relay, echo: Echo) -> None:
        client = await connect(relay)
        await ask(client, b"one")
        relay.freeze()
        client[1].close()
        await asyncio.sleep(0.02)
        assert echo.ends == []
        relay.thaw()
        await echo.until(1, echo.ends)

    @pytest.mark.parametrize("end", [Relay.cut, Relay.reset])
    async def test_what_is_frozen_can_be_ended(self, relay: Relay, echo: Echo, end: object) -> None:
        client = await connect(relay)
        await ask(client, b"one")
        relay.freeze()
        await say(client, b"two")
        end(relay)  # type: ignore[operator]
        await echo.until(1, echo.ends)
        client[1].close()
        assert echo.lines == [b"one\n"]


class TestAnswersThatAreNotWhole:
    async def test_lose_next_answer_after_it_was_carried_out(self, relay: Relay, echo: Echo) -> None:
        client = await connect(relay)
        await ask(client, b"one")
        lost = relay.lose_next_answer()
        await say(client, b"two")
        assert await ended(client) == b""
        await asyncio.wait_for(lost.wait(), LIMIT)
        assert echo.lines == [b"one\n", b"two\n"]
        assert await ask(await connect(relay), b"three") == b"heard: three\n"

    async def test_truncate(self, relay: Relay) -> None:
        client, other = await connect(relay), await connect(relay)
        await ask(client, b"one")
        done = relay.truncate(14)
        assert await ask(client, b"two") == b"heard: two\n"
        assert await ask(other, b"spared") == b"heard: spared\n"
        assert not done.is_set()
        await say(client, b"three")
        assert await ended(client) == b"hea"
        assert done.is_set()
        assert await ask(other, b"still there") == b"heard: still there\n"


class TestNewConnections:
    async def test_refuse_and_accept(self, relay: Relay) -> None:
        client = await connect(relay)
        port = relay.port
        relay.refuse()
        relay.refuse()
        for _ in range(2):
            with pytest.raises(ConnectionRefusedError):
                await connect(relay)
        assert await ask(client, b"one") == b"heard: one\n"
        relay.accept()
        relay.accept()
        assert await ask(await connect(relay), b"two") == b"heard: two\n"
        assert (relay.port, relay.accepted) == (port, 2)

    async def test_accept_and_say_nothing(self, relay: Relay, echo: Echo) -> None:
        relay.accept_and_say_nothing()
        client = await connect(relay)
        await say(client, b"one")
        await nothing_comes(client)
        assert (relay.accepted, echo.lines) == (1, [])
        relay.accept()
        assert await ask(await connect(relay), b"two") == b"heard: two\n"
        await nothing_comes(client)
        client[1].close()


async def test_leaving_ends_everything() -> None:
    before = asyncio.all_tasks()
    echo = Echo()
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    async with Relay("127.0.0.1", server.sockets[0].getsockname()[1]) as relay:
        client = await connect(relay)
        await ask(client, b"one")
        relay.freeze()
    await was_reset(client)
    with pytest.raises(ConnectionRefusedError):
        await connect(relay)
    server.close()
    await echo.until(1, echo.ends)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() - before <= {asyncio.current_task()}


async def test_tls_passes_through_untouched() -> None:
    async with Simulator() as simulator:
        port = int(simulator.url.rsplit(":", 1)[1])
        trust = ssl.create_default_context(cafile=str(simulator.ca_file))
        async with (
            Relay("localhost", port) as relay,
            httpx.AsyncClient(
                base_url=f"https://localhost:{relay.port}", verify=trust, http2=True, trust_env=False
            ) as http,
        ):
            assert (await http.get("/finesse/api/SystemInfo")).status_code == 200
            relay.lose_next_answer()
            with pytest.raises(httpx.TransportError):
                await http.get("/finesse/api/SystemInfo")
            assert len(simulator.requests) == 2
            assert (await http.get("/finesse/api/SystemInfo")).status_code == 200
            assert relay.accepted == 2


async def test_connection_is_held_until_the_client_closes_it() -> None:
    over = asyncio.Event()

    async def never_closes(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    async with (
        await asyncio.start_server(never_closes, "127.0.0.1", 0) as server,
        Relay("127.0.0.1", server.sockets[0].getsockname()[1]) as relay,
    ):
        _, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        async with asyncio.timeout(5):
            while relay.accepted == 0:  # noqa: ASYNC110 - the relay has no event for it
                await asyncio.sleep(0.005)
        assert relay.held == 1
        writer.close()
        async with asyncio.timeout(5):
            while relay.held:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        assert relay.open == 1
        over.set()  # since Python 3.12 a server waits for its connections
