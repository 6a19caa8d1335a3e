"""PassiveClient: slixmpp without connecting or reconnecting automatically."""

from __future__ import annotations

import dataclasses
import logging

import pytest

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.xmpp import websocket_route
from mcp_finesse.xmpp.client import PassiveClient
from tests.xmpp.support import DOMAIN, JID, identity

ROUTE = websocket_route("wss://fin.test:8445/ws")
PASSWORD = identity().password


class Client(PassiveClient):
    given_up = ""

    def fail(self, reason: str) -> None:
        self.given_up = reason


async def test_client_cannot_connect_without_a_route() -> None:
    with pytest.raises(RuntimeError, match="the route opens the connection"):
        Client(JID, PASSWORD, ROUTE).connect()


async def test_disconnect_gives_up_immediately() -> None:
    client = Client(JID, PASSWORD, ROUTE)
    assert client.disconnect(wait=100).done()
    assert client.given_up == "the server sent data that is not valid XMPP"


async def test_client_without_give_up_method_is_abstract() -> None:
    with pytest.raises(TypeError, match="fail"):
        PassiveClient(JID, PASSWORD, ROUTE)  # type: ignore[abstract]


async def test_client_without_transport_cannot_send() -> None:
    with pytest.raises(ConnectionError):
        Client(JID, PASSWORD, ROUTE).send_raw("<presence/>")


@pytest.mark.parametrize("encrypted", [True, False])
async def test_plain_password_is_allowed_according_to_the_routes_encryption(encrypted: bool) -> None:
    client = Client(JID, PASSWORD, dataclasses.replace(ROUTE, encrypted=encrypted))
    granted = client.plugin["feature_mechanisms"].security_callback(
        {"encrypted", "encrypted_plain", "unencrypted_plain", "unencrypted_digest"}
    )
    assert granted == {
        "encrypted": encrypted,
        "encrypted_plain": encrypted,
        "unencrypted_plain": not encrypted,
        "unencrypted_digest": False,
    }
    assert client.plugin["feature_mechanisms"].use_mech == "PLAIN"
    assert not client.enable_starttls


async def test_unsent_stanzas_are_dropped_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = Client(JID, PASSWORD, ROUTE)
    client.waiting_queue.put_nowait(("<auth>c2VjcmV0</auth>", True))
    client.connection_lost(None)
    assert client.waiting_queue.empty()
    assert "c2VjcmV0" not in caplog.text


@pytest.mark.parametrize("jid", ["5001@not a domain/r", f"@{DOMAIN}/r", f"{'x' * 2000}@{DOMAIN}/r"])
async def test_invalid_jid_is_a_configuration_error(jid: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be an XMPP address"):
        Client(jid, PASSWORD, ROUTE)
