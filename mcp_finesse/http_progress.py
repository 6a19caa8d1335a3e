"""Tracks the progress of one HTTP exchange with the ``trace`` extension of httpx. A leaf module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class HttpProgress:
    """Tracks the current step of an exchange. Pass it as the extension ``trace``.

    Args:
        through_proxy: Whether a proxy is used.
        on_sending: A function that is called just before the first byte of the request is sent.
        on_sent: A function that is called when the whole request was sent.

    Attributes:
        step: The current step, which is first ``proxy`` or ``tcp``, then ``tls``, then ``http``.
        sent: Whether the request may have reached the server.
    """

    def __init__(
        self,
        *,
        through_proxy: bool = False,
        on_sending: Callable[[], None] = lambda: None,
        on_sent: Callable[[], None] = lambda: None,
    ) -> None:
        self.step = "proxy" if through_proxy else "tcp"
        self.sent = False
        self._on_sending = on_sending
        self._on_sent = on_sent

    async def __call__(self, event: str, _info: Mapping[str, Any]) -> None:
        """Process a trace event. Its name has the form ``part.what.started``, ``.complete`` or ``.failed``."""
        if event == "connection.start_tls.started":
            self.step = "tls"
        elif event.endswith(".send_request_headers.started"):
            self.step, self.sent = "http", True
            self._on_sending()
        elif event.endswith(".send_request_body.complete"):
            self._on_sent()
