"""slixmpp's client without a will of its own: it neither dials nor retries nor logs the password.

Only public methods of slixmpp are overridden; what it still does is to parse, to build stanzas, to speak
SASL and to answer what servers ask.
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
    """An XMPP client that is steered from outside."""

    def __init__(self, jid: str, password: SecretStr, route: Route) -> None:
        """Prepare a client for one transport of this route.

        Raises:
            ConfigurationError: the user id or the domain cannot be part of a JID.
        """
        try:
            super().__init__(
                jid,
                password.get_secret_value(),
                # TLS lies below, where slixmpp cannot see it.
                plugin_config={"feature_mechanisms": {"security_callback": _security(route.encrypted)}},
                sasl_mech="PLAIN",  # Finesse's only one
                ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # unused; saves loading the system's CAs
            )
        except InvalidJID as exc:
            raise ConfigurationError(
                f"{jid!r} cannot be an XMPP address: {exc}.", advice="Check the user id and the host."
            ) from exc
        self.enable_starttls = False
        self.stream_header = route.header(self.boundjid.domain)
        self.stream_footer = route.footer
        self.register_plugin("xep_0199")  # servers ping; without an answer they end the session

    @abstractmethod
    def give_up(self, reason: str) -> None:
        """Slixmpp sees no way to go on."""

    def connect(self, host: str | None = None, port: int | None = None) -> asyncio.Future[Any]:  # noqa: ARG002
        """Never dial: a route does."""
        raise RuntimeError("a link dials by its route")

    def disconnect(
        self,
        wait: float = 2.0,  # noqa: ARG002
        reason: str | None = None,
        ignore_send_queue: bool = False,  # noqa: ARG002
    ) -> asyncio.Future[Any]:
        """Called by slixmpp alone, when it cannot read XML or a SASL step: do not wait for anything then."""
        self.give_up(reason or "what the server sent cannot be read as XMPP")
        done = self.loop.create_future()
        done.set_result(None)
        return done

    def recv_stanza(self, stanza: StanzaBase) -> None:
        """Let slixmpp handle what nobody else took; a stanza that it stumbles over does not cost the stream."""
        try:
            super().recv_stanza(stanza)
        except Exception as exc:
            _log.info("A stanza could not be handled: %s", type(exc).__name__)

    def send_raw(self, data: str | bytes) -> None:
        """Write, without slixmpp's line at DEBUG: it would show the password."""
        if self.transport is None:
            raise ConnectionError("there is no connection")
        self.transport.write(data.encode() if isinstance(data, str) else data)

    def connection_lost(self, exception: BaseException | None) -> None:
        """Forget what was not sent before slixmpp logs it, the password perhaps included."""
        while not self.waiting_queue.empty():
            self.waiting_queue.get_nowait()
        super().connection_lost(exception)


def _security(encrypted: bool) -> Callable[[Iterable[str]], dict[str, bool]]:
    """Grant SASL PLAIN according to what lies below; a route that is not encrypted was allowed by name."""
    granted = {"encrypted", "encrypted_plain"} if encrypted else {"unencrypted_plain"}
    return lambda asked: {value: value in granted for value in asked}
