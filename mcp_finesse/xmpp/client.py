"""slixmpp's client reduced to a protocol engine, which does not connect, retry or log the password.

Only public methods of slixmpp are overridden. slixmpp still parses XML, builds stanzas, performs SASL and replies to
requests of the XMPP server.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import SecretStr
from slixmpp import ClientXMPP
from slixmpp.jid import InvalidJID
from slixmpp.xmlstream import StanzaBase

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.xmpp.transport.base import Route

_log = logging.getLogger(__name__)


class PassiveClient(ClientXMPP, ABC):
    """An XMPP client that does not manage connections."""

    def __init__(self, jid: str, password: SecretStr, route: Route) -> None:
        """Prepare a client for one transport of this route.

        Raises:
            ConfigurationError: the user id or the domain is not valid in a JID.
        """
        try:
            super().__init__(
                jid,
                password.get_secret_value(),
                # The transport handles TLS, which is invisible to slixmpp.
                plugin_config={"feature_mechanisms": {"security_callback": _security(route.encrypted)}},
                sasl_mech="PLAIN",  # the only SASL mechanism of Finesse
                ssl_context=ssl.SSLContext(
                    ssl.PROTOCOL_TLS_CLIENT
                ),  # never used, but avoids loading the system's CAs
            )
        except InvalidJID as exc:
            raise ConfigurationError(
                f"{jid!r} cannot be an XMPP address: {exc}.", advice="Check the user id and the host."
            ) from exc
        self.enable_starttls = False
        self.stream_header = route.header(self.boundjid.domain)
        self.stream_footer = route.footer
        self.register_plugin("xep_0199")  # XMPP servers ping clients, and end a session that sends no reply

    @abstractmethod
    def fail(self, reason: str) -> None:
        """Handle slixmpp's report that it cannot continue."""

    def connect(self, host: str | None = None, port: int | None = None) -> asyncio.Future[Any]:  # noqa: ARG002
        """Raise ``RuntimeError``, because the route makes the connections."""
        raise RuntimeError("slixmpp cannot connect; the route opens the connection")

    def disconnect(
        self,
        wait: float = 2.0,  # noqa: ARG002
        reason: str | None = None,
        ignore_send_queue: bool = False,  # noqa: ARG002
    ) -> asyncio.Future[Any]:
        """End the session immediately. Only slixmpp calls this method, when XML or a SASL step is invalid."""
        self.fail(reason or "the server sent data that is not valid XMPP")
        done = self.loop.create_future()
        done.set_result(None)
        return done

    def recv_stanza(self, stanza: StanzaBase) -> None:
        """Let slixmpp handle a stanza. An exception in slixmpp does not end the stream."""
        try:
            super().recv_stanza(stanza)
        except Exception as exc:
            _log.info("A stanza could not be handled: %s", type(exc).__name__)

    def send_raw(self, data: str | bytes) -> None:
        """Write data without slixmpp's log line at level DEBUG, because that line would contain the password."""
        if self.transport is None:
            raise ConnectionError("there is no connection")
        self.transport.write(data.encode() if isinstance(data, str) else data)

    def connection_lost(self, exception: BaseException | None) -> None:
        """Discard unsent data before slixmpp logs the data, which may include the password."""
        while not self.waiting_queue.empty():
            self.waiting_queue.get_nowait()
        super().connection_lost(exception)


def _security(encrypted: bool) -> Callable[[Iterable[str]], dict[str, bool]]:
    """Return slixmpp's security callback, which allows PLAIN. Only the user can permit an unencrypted route."""
    granted = {"encrypted", "encrypted_plain"} if encrypted else {"unencrypted_plain"}
    return lambda asked: {value: value in granted for value in asked}
