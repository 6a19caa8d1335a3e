"""A session through a proxy with each transport: the proxy learns the destination and no content."""

from __future__ import annotations

import base64
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_finesse.errors import ProxyCredentialsError
from mcp_finesse.proxies import Proxies
from mcp_finesse.session import FinesseSession, SessionState
from mcp_finesse.session.actions.agent import sign_in
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.proxies.support import ConnectProxy, basic
from tests.session.support import AGENT, EXTENSION, Floor, config_for


@pytest.mark.parametrize("transport", ["websocket", "bosh", "tcp"])
async def test_session_works_through_a_proxy_that_never_sees_the_password(
    tmp_path: Path, transport: str
) -> None:
    async with Simulator(SimulatorSettings()) as simulator, ConnectProxy(login="u:hunter2") as proxy:
        host, tcp = simulator.url.removeprefix("https://"), "{}:{}".format(*simulator.tcp_address)
        addresses = (simulator.ws_url, simulator.bosh_url, f"xmpps://{tcp}")
        config = config_for(
            simulator,
            tmp_path,
            notification_urls=addresses,
            xmpp_transport=transport,
            proxies=proxy.proxies("u:hunter2"),
        )
        async with FinesseSession(config) as session:
            await session.ready(10)
            floor = Floor(simulator, session, config)
            outcome = await session.act(sign_in(AGENT, EXTENSION))
            assert outcome.status == "confirmed", outcome
            assert floor.mirrors_the_truth()
            status = str(session.status)
    login = base64.b64encode(b"\0" + AGENT.encode() + b"\0secret")
    seen = b"".join(proxy.heads) + bytes(proxy.passed)
    for secret in (b"secret", basic(f"{AGENT}:secret"), login):
        assert secret not in seen
    assert set(proxy.asked) == {host, tcp if transport == "tcp" else host}
    assert "hunter2" not in status


async def test_credentials_rejected_by_the_proxy_end_the_session_after_one_try(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator, ConnectProxy(login="u:right") as proxy:
        config = config_for(simulator, tmp_path, proxies=proxy.proxies("u:hunter2"))
        async with FinesseSession(config) as session:
            with pytest.raises(ProxyCredentialsError, match="rejected the credentials") as caught:
                await session.ready(10)
            assert "hunter2" not in str(caught.value)
            assert session.status.state is SessionState.REFUSED
            assert len(proxy.asked) == 1
            assert not simulator.requests


@pytest.mark.parametrize("what", ["a read of the state", "a health check"])
async def test_proxy_credentials_rejected_later_are_not_retried(finesse: Floor, what: str) -> None:
    attempts = []

    async def reject(*_: object) -> None:
        attempts.append(what)
        raise ProxyCredentialsError("The proxy rejected the credentials.")

    if what == "a read of the state":
        finesse.session._connection._sync.resync = reject  # type: ignore[method-assign]
        finesse.session._triggers.request_resync("requested by a test")
    else:
        finesse.session.nodes.current.system_info = reject  # type: ignore[method-assign,assignment]
        finesse.session._triggers.request_health_check("requested by a test")
    await finesse.until(lambda: finesse.session.status.state is SessionState.REFUSED)
    assert "rejected the credentials" in finesse.session.status.detail
    assert len(attempts) == 1


async def test_failing_proxy_is_retried_until_it_connects(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator, ConnectProxy() as proxy:
        proxy.answer = b"HTTP/1.1 503 Busy\r\n\r\n"
        config = config_for(simulator, tmp_path, proxies=proxy.proxies())
        async with FinesseSession(config) as session:
            floor = Floor(simulator, session, config)
            await floor.until(lambda: "(step: proxy)" in session.status.detail)
            proxy.answer = None
            await session.ready(10)


async def test_loopback_bypasses_a_proxy_from_the_environment(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        environment = {"HTTPS_PROXY": "http://localhost:1"}
        proxies = Proxies.of(None, environment, ssl.create_default_context)
        async with FinesseSession(replace(config_for(simulator, tmp_path), proxies=proxies)) as session:
            await session.ready(10)
            assert session.status.state is SessionState.READY
