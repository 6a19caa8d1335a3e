"""Test RFC 7395 on the wire: handshake, one element per frame, both ways to close, limits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import MutableMapping
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from mcp_finesse.simulator.openfire.session import XmppSession
from mcp_finesse.simulator.openfire.websocket_endpoint import MAX_MESSAGE, WebSocketEndpoint, refuse
from mcp_finesse.simulator.openfire_settings import OpenfireSettings
from tests.simulator.openfire.test_session import Host
from tests.simulator.support_xmpp import DOMAIN, LIMIT, NS, RawClient, running, tag


async def ended(client: RawClient, condition: str | None) -> None:
    """Expect the stream error, if any, then ``<close/>``, then close code 1000."""
    if condition:
        error = await client.receive()
        assert (error.tag, error[0].tag) == (tag("stream:error"), tag(f"streams:{condition}"))
    assert (await client.receive()).tag == tag("framing:close")
    assert await client.closed() == 1000


# Handshake


async def test_subprotocol_is_xmpp() -> None:
    async with running() as node, node.raw() as client:
        assert client.websocket.subprotocol == "xmpp"


@pytest.mark.parametrize("subprotocols", [None, ["mqtt"]])
async def test_another_subprotocol_is_rejected(subprotocols: list[Any] | None) -> None:
    async with running() as node:
        with pytest.raises(InvalidStatus) as caught:
            await connect(node.url, subprotocols=subprotocols, proxy=None)
        assert caught.value.response.status_code == 400


async def test_compression_is_not_accepted() -> None:
    async with (
        running() as node,
        connect(
            node.url,
            subprotocols=["xmpp"],  # type: ignore[list-item]
            proxy=None,
            compression="deflate",
        ) as websocket,
    ):
        assert "permessage-deflate" in websocket.request.headers["Sec-WebSocket-Extensions"]  # type: ignore[union-attr]
        assert "Sec-WebSocket-Extensions" not in websocket.response.headers  # type: ignore[union-attr]


async def test_closed_service_rejects_with_503() -> None:
    async with running() as node:
        await node.service.aclose()
        with pytest.raises(InvalidStatus) as caught:
            await connect(node.url, subprotocols=["xmpp"], proxy=None)  # type: ignore[list-item]
        assert caught.value.response.status_code == 503


async def test_server_without_http_statuses_is_asked_to_close() -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await refuse(receive, send, {"type": "websocket"}, 400)
    assert sent == [{"type": "websocket.close"}]


# Streams


async def test_open_is_answered_with_open_and_features_in_separate_frames() -> None:
    async with running() as node, node.raw() as client:
        header, features = await client.open()
        assert header.tag == tag("framing:open")
        assert (header.get("from"), header.get("version")) == (DOMAIN, "1.0")
        assert header.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
        assert features.tag == tag("stream:features")
        await client.authenticate("1001")
        again, _ = await client.open()
        assert again.get("id") == header.get("id") != ""


async def test_frames_start_as_non_parsing_clients_expect() -> None:
    """Check the start of the text: Strophe.js recognizes ``<open`` and ``<close`` by it."""
    async with running() as node, node.raw() as client:
        await client.send(f"<open xmlns='{NS['framing']}' to='{DOMAIN}' version='1.0'/>")
        assert (await client.receive_text()).startswith('<open xmlns="')
        assert (await client.receive_text()).startswith("<stream:features xmlns:stream=")
        await client.send(f"<close xmlns='{NS['framing']}'/>")
        assert (await client.receive_text()).startswith('<close xmlns="')


async def test_close_is_answered_with_close() -> None:
    async with running() as node, node.client() as client:
        await client.send(f"<close xmlns='{NS['framing']}'/>")
        await ended(client, None)
        assert node.service.sessions == []


async def test_wrong_domain_is_an_unknown_host() -> None:
    async with running() as node, node.raw() as client:
        await client.send(f"<open xmlns='{NS['framing']}' to='elsewhere.sim' version='1.0'/>")
        assert (await client.receive()).tag == tag("framing:open")
        await ended(client, "host-unknown")


@pytest.mark.parametrize(
    "frame",
    [
        " ",
        "",
        "<presence xmlns='jabber:client'>",
        "<presence xmlns='jabber:client'/><presence xmlns='jabber:client'/>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><presence xmlns='jabber:client'/>",
        "hello",
    ],
)
async def test_frame_that_is_not_one_element_ends_the_stream(frame: str) -> None:
    async with running() as node, node.client() as client:
        await client.send(frame)
        await ended(client, "internal-server-error")
        assert node.service.sessions == []


@pytest.mark.parametrize("name", ["open", "close"])
async def test_framing_element_of_another_namespace_ends_the_stream(name: str) -> None:
    async with running() as node, node.raw() as client:
        await client.open()
        await client.send(f"<{name} xmlns='jabber:client' to='{DOMAIN}'/>")
        await ended(client, "invalid-namespace")


async def test_stanza_without_namespace_ends_the_stream() -> None:
    async with running() as node, node.client() as client:
        await client.send("<presence/>")
        await ended(client, "invalid-namespace")


# Limits


async def test_message_of_one_mebibyte_is_read() -> None:
    async with running() as node, node.client() as client:
        start, end = "<message xmlns='jabber:client'><body>", "</body></message>"
        await client.send(start + "x" * (MAX_MESSAGE - len(start + end)) + end)
        await client.assert_nothing_received()


async def test_longer_message_closes_the_connection_with_1009() -> None:
    async with running() as node, node.client() as client:
        await client.send(f"<message xmlns='jabber:client'><body>{'é' * (MAX_MESSAGE // 2)}</body></message>")
        assert await client.closed() == 1009
        assert node.service.sessions == []


async def test_binary_message_closes_the_connection_with_1003() -> None:
    async with running() as node, node.client() as client:
        await client.websocket.send(b"<presence xmlns='jabber:client'/>")
        assert await client.closed() == 1003
        assert node.service.sessions == []


async def test_client_that_never_logs_in_is_disconnected() -> None:
    async with running(openfire=OpenfireSettings(login_timeout=0.05)) as node, node.raw() as client:
        assert (await client.receive()).tag == tag("framing:open")
        await ended(client, "connection-timeout")


async def test_frames_after_the_close_are_not_read() -> None:
    async with running() as node, node.client() as client:
        await client.send(f"<close xmlns='{NS['framing']}'/>")
        await client.send("<presence xmlns='jabber:client'/>")
        await ended(client, None)
        assert node.center.presences == []


async def test_client_that_vanishes_loses_its_session() -> None:
    async with running() as node:
        async with node.client(available=True) as client:
            client.websocket.transport.abort()
        await node.center.wait_for_presence("1001", available=False)
        assert node.service.sessions == []


# The ASGI side, with a server that misbehaves


class AsgiServer:
    """The ASGI server of an endpoint; sending can be blocked or broken."""

    def __init__(self) -> None:
        self.sent: deque[MutableMapping[str, Any]] = deque()
        self.inbound: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.inbound.put_nowait({"type": "websocket.connect"})
        self.may_send = asyncio.Event()
        self.may_send.set()
        self.broken = False
        self.failed = asyncio.Event()

    async def receive(self) -> MutableMapping[str, Any]:
        return await self.inbound.get()

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "websocket.accept":
            return
        await self.may_send.wait()
        if self.broken:
            self.failed.set()
            raise OSError("client disconnected")
        self.sent.append(message)


class Served:
    """An endpoint running on the test's own ASGI server."""

    def __init__(self, close_timeout: float = LIMIT) -> None:
        self.server = AsgiServer()
        self.host = Host(OpenfireSettings())
        self.endpoint = WebSocketEndpoint(DOMAIN, self.server.receive, self.server.send, close_timeout)
        self.sessions: list[XmppSession] = []
        self._opened = asyncio.Event()

    def open_session(self, endpoint: Any) -> XmppSession:
        self.sessions.append(XmppSession(self.host, endpoint))
        self._opened.set()
        return self.sessions[-1]

    async def started(self) -> asyncio.Task[None]:
        task = asyncio.create_task(self.endpoint.run(self.open_session))
        async with asyncio.timeout(LIMIT):
            await self._opened.wait()
        return task


async def test_peer_that_does_not_close_is_cut_after_the_timeout() -> None:
    served = Served(close_timeout=0.02)
    task = await served.started()
    served.sessions[0].end()
    await asyncio.wait_for(task, LIMIT)
    assert [message["type"] for message in served.server.sent] == ["websocket.send", "websocket.close"]


async def test_peer_that_reads_nothing_cannot_delay_the_close() -> None:
    served = Served(close_timeout=0.02)
    task = await served.started()
    served.server.may_send.clear()
    served.sessions[0].end("conflict")
    await asyncio.wait_for(task, LIMIT)
    assert not served.server.sent


async def test_abort_drops_queued_messages() -> None:
    served = Served()
    task = await served.started()
    served.sessions[0].send("<message/>")
    served.sessions[0].abort()
    served.endpoint.send("<late/>")
    served.server.inbound.put_nowait({"type": "websocket.disconnect"})
    await asyncio.wait_for(task, LIMIT)
    assert list(served.server.sent) == [{"type": "websocket.close", "code": 1011}]
    assert served.host.ended == served.sessions


async def test_client_with_too_many_queued_messages_is_dropped() -> None:
    served = Served(close_timeout=0.02)
    task = await served.started()
    served.server.may_send.clear()
    for _ in range(10_003):
        served.sessions[0].send("<message/>")
    await asyncio.wait_for(task, LIMIT)
    assert served.host.ended == served.sessions


async def test_clean_end_does_not_wait_for_a_full_queue() -> None:
    served = Served(close_timeout=0.02)
    task = await served.started()
    served.server.may_send.clear()
    for _ in range(10_000):
        served.sessions[0].send("<message/>")
    served.sessions[0].end("conflict")
    await asyncio.wait_for(task, LIMIT)
    assert not served.server.sent


async def test_server_that_can_no_longer_send_causes_no_error() -> None:
    served = Served()
    task = await served.started()
    served.server.broken = True
    served.sessions[0].send("<message/>")
    await asyncio.wait_for(served.server.failed.wait(), LIMIT)
    served.server.inbound.put_nowait({"type": "websocket.disconnect"})
    await asyncio.wait_for(task, LIMIT)
    assert served.host.ended == served.sessions


async def test_cancelled_connection_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    served = Served()
    task = await served.started()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before
    assert served.host.ended == served.sessions
    served.endpoint.abort()  # harmless after the end
