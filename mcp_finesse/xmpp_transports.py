"""The transports to the Notification Service in the order in which they are tried, with their default addresses."""

from __future__ import annotations

from dataclasses import dataclass

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class XmppTransport:
    """A transport and its default addresses in the Finesse releases.

    Attributes:
        name: the name of the transport in settings and in the status.
        scheme: the URL scheme with TLS.
        insecure_scheme: the URL scheme without TLS.
        usual: the default addresses with TLS. ``{rest}`` stands for the host and port of the REST API, and
            ``{host}`` for the host.
        usual_insecure: the default addresses without TLS.
        example: an example address for error messages.
    """

    name: str
    scheme: str
    insecure_scheme: str
    usual: tuple[str, ...]
    usual_insecure: tuple[str, ...]
    example: str


TRANSPORTS = (
    # Finesse offers WebSocket on port 7443 from release 12.0 on, and also on the port of the REST API from
    # release 12.6 on.
    XmppTransport(
        "websocket",
        "wss",
        "ws",
        ("wss://{rest}/ws", "wss://{host}:7443/ws"),
        ("ws://{rest}/ws", "ws://{host}:7071/ws"),
        "wss://HOST:8445/ws",
    ),
    XmppTransport(
        "bosh",
        "https",
        "http",
        ("https://{host}:7443/http-bind",),
        ("http://{host}:7071/http-bind",),
        "https://HOST:7443/http-bind",
    ),
    XmppTransport(
        "tcp",
        "xmpps",
        "xmpp",
        ("xmpps://{host}:5223",),
        ("xmpp://{host}:5222",),
        "xmpps://HOST:5223",
    ),
)
NAMES = tuple(transport.name for transport in TRANSPORTS)
CHOICES = (AUTO, *NAMES)
"""Values of the setting ``xmpp_transport``."""
BY_SCHEME = {
    scheme: transport for transport in TRANSPORTS for scheme in (transport.scheme, transport.insecure_scheme)
}
EXAMPLES = f"{', '.join(transport.example for transport in TRANSPORTS[:-1])} or {TRANSPORTS[-1].example}"
