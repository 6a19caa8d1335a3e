"""Test XMPP over TCP with TLS: streams and their restart, both ways to close, limits, cuts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from unittest.mock import Mock

import pytest

from mcp_finesse.simulator.openfire.tcp_endpoint import TcpEndpoint
from mcp_finesse.simulator.openfire_settings import OpenfireSettings
from tests.simulator.support_tcp import HEADER, TcpClient, running_tcp
from tests.simulator.support_xmpp import DIALOGS_NODE, DOMAIN, LIMIT, NS, tag

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


# Streams


async def test_header_and_restart_are_answered_with_header_and_features() -> None:
    async with running_tcp() as node, node.raw() as client:
        header, features = await client.open()
        assert client.raw.startswith(b"<?xml version='1.0' encoding='UTF-8'?><stream:stream ")
        assert (header.tag, features.tag) == (tag("stream:stream"), tag("stream:features"))
        assert (header.get("from"), header.get("version"), header.get(LANGUAGE)) == (DOMAIN, "1.0", "en")
        assert features.find("sasl:mechanisms", NS) is not None
        assert (await client.authenticate("1001")).tag == tag("sasl:success")
        again, features = await client.open()
        assert again.get("id") == header.get("id") != ""
        assert features.find("bind:bind", NS) is not None


async def test_client_subscribes_and_receives_what_is_published() -> None:
    async with running_tcp() as node, node.client() as client:
        assert (await client.subscribe(DIALOGS_NODE)).get("type") == "result"
        node.publish(DIALOGS_NODE, "<Update>é</Update>")
        message = await client.receive()
        assert message.tag == tag("c:message")
        items = message.find("event:event/event:items", NS)
        assert items is not None
        assert "".join(items.itertext()) == "<Update>é</Update>"


async def test_stanzas_are_read_in_pieces_together_and_between_whitespace() -> None:
    async with running_tcp() as node, node.client() as client:
        ping = "<iq type='get' id='%d'><ping xmlns='urn:xmpp:ping'/></iq>"
        for text in (" ", "\n", ping % 1 + "\n" + ping % 2, " " + (ping % 3)[:20], (ping % 3)[20:]):
            await client.send(text)
        assert [(await client.receive()).get("id") for _ in range(3)] == ["1", "2", "3"]


async def test_restart_is_read_in_small_pieces() -> None:
    async with running_tcp() as node, node.raw() as client:
        await client.open()
        await client.authenticate("1001")
        client._renew()
        for piece in ("\n", HEADER[:10], HEADER[10:60], HEADER[60:]):
            await client.send(piece)
            await asyncio.sleep(0.01)  # so that the server reads the pieces one by one
        assert (await client.receive()).tag == tag("stream:stream")
        assert (await client.receive()).find("bind:bind", NS) is not None


# Ends


async def test_footer_is_answered_with_the_footer_and_the_end() -> None:
    async with running_tcp() as node, node.client() as client:
        await client.send("<presence/></stream:stream>")
        await client.receive()  # presence of Finesse
        assert (await client.receive()).tag == tag("stream:stream")
        await client.cut()
        assert node.service.sessions == []


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("<a></b>", "not-well-formed"),
        ("<!-- -->", "restricted-xml"),
        ("<message>" * 65, "policy-violation"),
        ("<iq xmlns='urn:x'/>", "invalid-namespace"),
        ("<what/>", "unsupported-stanza-type"),
    ],
)
async def test_client_error_ends_its_stream(text: str, condition: str) -> None:
    async with running_tcp() as node, node.client() as client:
        await client.send(text)
        await client.ended(condition)
        assert node.service.sessions == []


async def test_error_before_the_header_is_answered_with_header_and_error() -> None:
    async with running_tcp() as node, node.raw() as client:
        await client.send("GET / HTTP/1.1\r\n\r\n")
        assert (await client.receive()).tag == tag("stream:stream")
        await client.ended("not-well-formed")


async def test_wrong_domain_is_an_unknown_host() -> None:
    async with running_tcp() as node, node.raw() as client:
        await client.send(HEADER.replace(DOMAIN, "elsewhere.sim"))
        assert (await client.receive()).tag == tag("stream:stream")
        await client.ended("host-unknown")


async def test_conflict_ends_the_older_stream() -> None:
    async with running_tcp() as node, node.client() as first, node.client() as second:
        await first.ended("conflict")
        await second.assert_nothing_received()


async def test_data_after_the_end_is_not_read() -> None:
    async with running_tcp() as node, node.client() as client:
        await client.send("<what/><presence/>")
        await client.send("<presence/>")
        await client.ended("unsupported-stanza-type")
        assert node.center.presences == []


async def test_client_that_does_not_close_is_cut_after_the_timeout() -> None:
    openfire = OpenfireSettings(close_timeout=0.05, login_timeout=0.05)
    async with running_tcp(openfire) as node, node.raw() as client:
        assert (await client.receive()).tag == tag("stream:stream")
        assert (await client.receive())[0].tag == tag("streams:connection-timeout")
        assert (await client.receive()).tag == tag("stream:stream")
        await client.cut()


@pytest.mark.parametrize(
    "leave", [lambda client: client.writer.transport.abort(), lambda client: client.writer.close()]
)
async def test_client_that_disconnects_without_a_close_loses_its_session(
    leave: Callable[[TcpClient], None],
) -> None:
    async with running_tcp() as node, node.client() as client:
        await client.send_presence()
        await node.center.wait_for_presence("1001", available=True)
        leave(client)
        await node.center.wait_for_presence("1001", available=False)
        assert node.service.sessions == []


# The service's side


async def test_killed_links_end_without_a_close() -> None:
    async with running_tcp() as node, node.client() as client:
        node.service.kill_links()
        await client.cut()
        assert node.service.sessions == []


async def test_silent_server_sends_nothing_and_keeps_the_stream() -> None:
    async with running_tcp() as node, node.client() as client:
        node.faults.silent = True
        await client.send("<iq type='get' id='lost'><ping xmlns='urn:xmpp:ping'/></iq>")
        await client.send_presence()
        await node.center.wait_for_presence("1001", available=True)
        node.faults.silent = False
        await client.assert_nothing_received()


async def test_closing_the_service_ends_streams_cleanly_and_rejects_new_ones() -> None:
    async with running_tcp() as node, node.client() as client, asyncio.TaskGroup() as tasks:
        tasks.create_task(node.service.aclose())
        await client.ended("system-shutdown")
        async with node.raw() as late:
            await late.cut()


async def test_client_that_reads_nothing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcp_finesse.simulator.openfire.tcp_endpoint._MAX_UNREAD", 64 * 1024)
    async with running_tcp() as node, node.client() as client:
        await client.subscribe(DIALOGS_NODE)
        async with asyncio.timeout(LIMIT):
            while node.service.sessions:
                node.publish(DIALOGS_NODE, "x" * 100_000)
                await asyncio.sleep(0)
        assert node.service.sessions == []


async def test_nothing_is_written_after_an_abort() -> None:
    writer = Mock()
    endpoint = TcpEndpoint(DOMAIN, Mock(), writer, 1)
    endpoint.abort()
    endpoint.send("<late/>")
    endpoint.close_stream()
    writer.write.assert_not_called()
    writer.transport.abort.assert_called_once()


async def test_cancelled_connection_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    async with running_tcp() as node, node.client():
        (task,) = node.service._connections
        task.cancel()
        await asyncio.wait({task}, timeout=LIMIT)
        assert node.service.sessions == []
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
