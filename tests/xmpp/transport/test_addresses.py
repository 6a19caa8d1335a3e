"""Addresses of the Notification Service: which are tried, in which order."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

import pytest

from mcp_finesse.errors import ConfigurationError, NetworkError, ProxyCredentialsError
from mcp_finesse.xmpp.transport.addresses import addresses, all_failed, other_transport_may_work, route_to
from mcp_finesse.xmpp_transports import TRANSPORTS
from tests.proxies.support import ConnectProxy
from tests.xmpp.support import Ear

REST = "https://fin.example.com:8445"
OWN = ("xmpps://fin.example.com:5223", "wss://fin.example.com:7443/ws")


@pytest.mark.parametrize(
    ("rest", "own", "transport", "expected"),
    [
        pytest.param(
            REST,
            (),
            "auto",
            [
                "wss://fin.example.com:8445/ws",
                "wss://fin.example.com:7443/ws",
                "https://fin.example.com:7443/http-bind",
                "xmpps://fin.example.com:5223",
            ],
            id="the usual places, in the order of the releases",
        ),
        pytest.param(
            "https://fin.example.com:7443",
            (),
            "websocket",
            ["wss://fin.example.com:7443/ws"],
            id="one place twice is one place",
        ),
        pytest.param(REST, (), "bosh", ["https://fin.example.com:7443/http-bind"], id="BOSH alone"),
        pytest.param(REST, (), "tcp", ["xmpps://fin.example.com:5223"], id="TCP alone"),
        pytest.param(REST, OWN, "auto", list(OWN), id="addresses of one's own, in their order"),
        pytest.param(REST, OWN, "websocket", [OWN[1]], id="of one's own, only one kind"),
        pytest.param(
            "http://fin.example.com:8082",
            (),
            "auto",
            [
                "ws://fin.example.com:8082/ws",
                "ws://fin.example.com:7071/ws",
                "http://fin.example.com:7071/http-bind",
                "xmpp://fin.example.com:5222",
            ],
            id="without encryption",
        ),
        pytest.param("https://[::1]:8445", (), "tcp", ["xmpps://[::1]:5223"], id="an IPv6 address"),
    ],
)
def test_notification_addresses_are_derived_in_order(
    rest: str, own: tuple[str, ...], transport: str, expected: list[str]
) -> None:
    assert addresses(rest, own, transport) == expected


def test_every_transport_has_a_route_and_a_default_address() -> None:
    for transport in TRANSPORTS:
        (first, *_) = addresses(REST, transport=transport.name)
        route = route_to(first, ssl.create_default_context, allow_insecure=False)
        assert route.name == transport.name
        assert urlsplit(first).scheme == transport.scheme
        assert addresses("http://fin.example.com:8082", transport=transport.name)


@pytest.mark.parametrize(
    ("own", "transport", "words"),
    [
        (("fin.example.com",), "auto", "not an address of a Notification Service"),
        (("ftp://fin.example.com",), "auto", "not an address of a Notification Service"),
        (OWN, "bosh", "uses the transport bosh"),
    ],
)
def test_unusable_address_is_rejected(own: tuple[str, ...], transport: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        addresses(REST, own, transport)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("wss://fin.example.com:8445/ws", "websocket"),
        ("https://fin.example.com:7443/http-bind", "bosh"),
        ("xmpps://fin.example.com:5223", "tcp"),
        ("xmpps://fin.example.com", "tcp"),
    ],
)
def test_route_is_derived_from_the_address(address: str, name: str) -> None:
    assert route_to(address, ssl.create_default_context, False).name == name


@pytest.mark.parametrize("address", ["ws://h:7071/ws", "http://h:7071/http-bind", "xmpp://h:5222"])
def test_unencrypted_route_requires_allow_insecure(address: str) -> None:
    with pytest.raises(ConfigurationError):
        route_to(address, ssl.create_default_context, False)
    assert not route_to(address, ssl.create_default_context, True).encrypted


@pytest.mark.parametrize(
    ("step", "another"),
    [
        *((step, True) for step in ("proxy", "dns", "tcp", "tls", "http", "upgrade", "stream")),
        *((step, False) for step in ("sasl", "bind", "presence", "subscribe", "link")),
    ],
)
def test_next_address_is_tried_only_before_the_password_was_sent(step: str, another: bool) -> None:
    assert other_transport_may_work(NetworkError("no", step=step)) is another


def test_next_address_is_not_tried_after_proxy_rejected_the_credentials() -> None:
    assert not other_transport_may_work(ProxyCredentialsError("no"))


@pytest.mark.parametrize(
    "address", ["wss://fin.test:8445/ws", "https://fin.test:7443/http-bind", "xmpps://fin.test:5223"]
)
async def test_each_route_uses_the_given_proxy(address: str) -> None:
    async with ConnectProxy(answer=b"HTTP/1.1 403 No\r\n\r\n") as proxy:
        route = route_to(address, ssl.create_default_context, False, proxy.proxy(), 3.0)
        ear = Ear()
        ear.stream_header = route.header("fin.test")
        with pytest.raises(NetworkError) as caught:
            await route.opener(ear, 5)
        assert caught.value.step == "proxy"
        assert proxy.asked == [f"fin.test:{urlsplit(address).port}"]


def test_single_failure_is_raised_and_several_are_listed() -> None:
    one = NetworkError("refused", step="tcp", advice="Look at the port.")
    two = NetworkError("no upgrade", step="upgrade")
    assert all_failed([("wss://a/ws", one)]) is one
    both = all_failed([("wss://a/ws", one), ("https://a/http-bind", two)])
    assert "wss://a/ws: refused (step: tcp)." in both.message
    assert "https://a/http-bind: no upgrade (step: upgrade)." in both.message
    assert (both.step, both.advice) == ("upgrade", "Look at the port.")
