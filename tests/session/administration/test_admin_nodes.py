"""Administrator nodes: the primary, or for CCX reads the secondary while the primary is down."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from mcp_finesse.errors import FinesseError, NetworkError, OutOfServiceError, RefusedError
from mcp_finesse.model import Node as NodeInfo
from mcp_finesse.model import SystemInfo
from mcp_finesse.rest import RestClient
from mcp_finesse.session import Administration
from mcp_finesse.session.administration import changes
from mcp_finesse.session.administration.admin_nodes import AdminNodes, primary_url, readable_url
from mcp_finesse.session.administration.change_runner import Node
from mcp_finesse.simulator import Simulator, SimulatorPair, SimulatorSettings
from tests.session.support_admin import ADMIN, admin_config, office

TEA = {"category": "NOT_READY", "code": 77, "label": "Tea", "for_all": False}
CCX = SimulatorSettings(platform="UCCX")


# -- from SystemInfo


def info(
    primary: str = "", secondary: str = "", ports: tuple[int | None, int | None] = (None, None)
) -> SystemInfo:
    nodes = [
        NodeInfo(host=host, https_port=port) if host else None
        for host, port in zip((primary, secondary), ports, strict=True)
    ]
    return SystemInfo(primary_node=nodes[0], secondary_node=nodes[1], xmpp_domain=secondary or primary)


A, B = "fin-a.example.com", "fin-b.example.com"


@pytest.mark.parametrize(
    ("asked", "told", "other", "expected"),
    [
        (f"https://{A}:8445", info(A, B), "", f"https://{A}:8445"),
        (f"https://{B}:8445", info(A, B), "", f"https://{A}:8445"),
        (f"https://{B.upper()}:8445", info(A, B), "", f"https://{A}:8445"),
        (f"https://{B}", info(A, B), "", f"https://{A}"),
        (f"https://{B}:8445", info(A, B, (9000, 8445)), "", f"https://{A}:9000"),
        (f"https://{B}:8445", info(A, B), "https://10.0.0.1:8445", "https://10.0.0.1:8445"),
        (f"https://{A}:8445", info(A, B), "https://10.0.0.1:8445", f"https://{A}:8445"),
        (f"http://{B}:8082", info(A, B), "", f"http://{B}:8082"),
        (f"https://{A}:8445", info(A), "", f"https://{A}:8445"),
        (f"https://{A}:8445", info(), "", f"https://{A}:8445"),
        ("https://10.0.0.2:8445", info(A, B), "", f"https://{A}:8445"),
    ],
)  # fmt: skip
def test_primary_node_is_the_one_named_by_system_info(
    asked: str, told: SystemInfo, other: str, expected: str
) -> None:
    assert primary_url(asked, told, other) == expected


@pytest.mark.parametrize(
    ("asked", "told", "other", "expected"),
    [
        (f"https://{A}:8445", info(A, B), "", f"https://{B}:8445"),
        (f"https://{B}:8445", info(A, B), "", f"https://{B}:8445"),
        (f"https://{A}:8445", info(A, B), "https://10.0.0.1:8445", "https://10.0.0.1:8445"),
        (f"http://{A}:8082", info(A, B), "", None),
        (f"https://{A}:8445", info(A), "", None),
        (f"https://{A}:8445", info(), "", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("platform", ["UCCX", "UCCE"])
def test_secondary_node_is_readable_on_ccx_only(
    asked: str, told: SystemInfo, other: str, expected: str | None, platform: str
) -> None:
    told = told.model_copy(update={"deployment_type": platform})
    assert readable_url(asked, told, other) == (expected if platform == "UCCX" else None)


# -- which node is read


class Asking:
    """A primary and a readable node that work or fail, and the order in which they were asked."""

    def __init__(self, readable: bool = True) -> None:
        self.failing: dict[str, FinesseError] = {}
        self.asked: list[str] = []
        self.now = 100.0
        self._clients = [RestClient(f"https://{host}", ADMIN) for host in (A, B)]
        first, second = (Node(rest) for rest in self._clients)
        self.nodes = AdminNodes(first, second if readable else None, lambda: self.now, fallback_seconds=20.0)

    async def __call__(self, node: Node) -> str:
        host = node.rest.url.removeprefix("https://fin-")[0]
        self.asked.append(host)
        if host in self.failing:
            raise self.failing[host]
        return host

    async def reads(self) -> str:
        """Return the nodes asked by the next read, in order."""
        self.asked.clear()
        await self.nodes.read(self)
        return "".join(self.asked)


DEAD = NetworkError("It does not answer.", step="tcp")
OUT = OutOfServiceError("Finesse is out of service.", rejected_before_execution=True)


async def test_primary_node_is_read_while_it_works() -> None:
    asking = Asking()
    assert [await asking.reads() for _ in range(2)] == ["a", "a"]


@pytest.mark.parametrize("failure", [DEAD, OUT])
async def test_other_node_is_read_for_a_while_when_the_primary_fails(
    failure: FinesseError,
) -> None:
    asking = Asking()
    asking.failing["a"] = failure
    assert [await asking.reads() for _ in range(2)] == ["ab", "b"]
    asking.now += 20.0
    assert await asking.reads() == "ab"
    asking.failing.clear()
    asking.now += 20.0
    assert [await asking.reads() for _ in range(2)] == ["a", "a"]


async def test_primary_node_is_read_immediately_after_a_successful_change() -> None:
    asking = Asking()
    asking.failing["a"] = DEAD
    await asking.reads()
    asking.failing.clear()
    asking.nodes.primary_answered()
    assert await asking.reads() == "a"


async def test_primary_node_is_retried_when_the_other_node_fails() -> None:
    asking = Asking()
    asking.failing["a"] = DEAD
    await asking.reads()
    asking.failing = {"b": DEAD}
    assert [await asking.reads() for _ in range(2)] == ["ba", "a"]


@pytest.mark.parametrize("again", [False, True])
async def test_error_of_the_primary_node_is_raised_when_both_fail(again: bool) -> None:
    asking = Asking()
    asking.failing = {"a": OUT} if again else {"a": OUT, "b": DEAD}
    if again:
        await asking.reads()
        asking.failing["b"] = DEAD
    with pytest.raises(OutOfServiceError):
        await asking.reads()


async def test_request_rejected_by_one_node_is_not_sent_to_the_other() -> None:
    asking = Asking()
    asking.failing["a"] = RefusedError("No.", status=404)
    with pytest.raises(RefusedError):
        await asking.reads()
    assert asking.asked == ["a"]


async def test_only_the_primary_node_is_asked_without_a_readable_node() -> None:
    asking = Asking(readable=False)
    asking.failing["a"] = DEAD
    for _ in range(2):
        with pytest.raises(NetworkError):
            await asking.reads()
        assert asking.asked == ["a"]


# -- with two nodes


READS: dict[str, Callable[[Administration], Awaitable[object]]] = {
    "objects": lambda it: it.list_objects("ReasonCode"),
    "object": lambda it: it.get_object("ReasonCode", "23"),
    "teams": lambda it: it.teams(),
    "assigned": lambda it: it.assigned("310", "ReasonCode", "NOT_READY"),
    "team layout": lambda it: it.team_layout("310"),
    "contacts": lambda it: it.contacts("1"),
}


def at(simulator: Simulator, pair: SimulatorPair, folder: Path, **more: Any) -> Administration:
    trust = {"make_tls": lambda: ssl.create_default_context(cafile=str(pair.ca_file))}
    return Administration(admin_config(simulator, folder, **(trust | more)))


@pytest.mark.parametrize("platform", ["UCCE", "UCCX"])
async def test_administrator_configured_with_secondary_node_uses_the_primary(
    tmp_path: Path, platform: Any
) -> None:
    async with SimulatorPair(SimulatorSettings(platform=platform)) as pair:
        administration = at(pair.b, pair, tmp_path)
        outcome = await administration.change(changes.create("ReasonCode", TEA))
        await administration.close()
        assert outcome.status == "confirmed"
        assert [request.method for request in pair.b.requests] == ["GET"]
        assert all(request.user_id == "" for request in pair.b.requests)


async def test_error_names_the_unreachable_primary_node(tmp_path: Path) -> None:
    async with SimulatorPair() as pair:
        await pair.a.die()
        administration = at(pair.b, pair, tmp_path)
        with pytest.raises(NetworkError) as caught:
            await administration.teams()
        await administration.close()
    assert "Finesse accepts configuration changes only on its primary node, localhost" in caught.value.advice


async def test_other_node_names_the_primary_when_the_configured_node_is_down(tmp_path: Path) -> None:
    async with SimulatorPair() as pair:
        await pair.b.die()
        administration = at(pair.b, pair, tmp_path, other_url=pair.a.url)
        assert await administration.teams()
        await administration.close()


async def test_error_of_the_configured_node_is_raised_when_no_node_responds(tmp_path: Path) -> None:
    async with SimulatorPair() as pair:
        await pair.a.die()
        pair.b.faults.http_status(200, "not a SystemInfo", path="SystemInfo")
        administration = at(pair.a, pair, tmp_path, other_url=pair.b.url)
        with pytest.raises(NetworkError):
            await administration.teams()
        await administration.close()


async def test_rejection_by_secondary_node_advises_to_use_the_primary(tmp_path: Path) -> None:
    """The configured node is used when its SystemInfo names no primary node."""
    async with SimulatorPair() as pair:
        pair.b.faults.http_status(
            200, "<SystemInfo><status>IN_SERVICE</status></SystemInfo>", path="SystemInfo"
        )
        administration = at(pair.b, pair, tmp_path)
        with pytest.raises(RefusedError) as caught:
            await administration.teams()
        await administration.close()
    assert caught.value.status == 403
    assert "only on its primary node," in caught.value.advice


async def test_rejected_system_info_ends_the_node_search(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        it.simulator.faults.http_status(500, "", path="SystemInfo")
        with pytest.raises(RefusedError):
            await it.administration.teams()
        assert await it.administration.assigned("310", "PhoneBook")


@pytest.mark.parametrize("read", READS.values(), ids=READS)
async def test_secondary_ccx_node_is_read_while_the_primary_is_down(
    tmp_path: Path, read: Callable[[Administration], Awaitable[object]]
) -> None:
    async with SimulatorPair(CCX) as pair:
        administration = at(pair.a, pair, tmp_path)
        before = await read(administration)
        await pair.a.die()
        pair.b.requests.clear()
        after = [await read(administration) for _ in range(2)]
        await administration.close()
        assert after == [before, before]
        # The broken connection may have lost a response, so the password is verified once before the first
        # read.
        assert [each.method for each in pair.b.requests] == ["GET", "GET", "GET"]


async def test_configured_secondary_ccx_node_is_read_when_the_primary_never_responded(
    tmp_path: Path,
) -> None:
    async with SimulatorPair(CCX) as pair:
        await pair.a.die()
        administration = at(pair.b, pair, tmp_path)
        assert await administration.teams()
        with pytest.raises(NetworkError) as caught:
            await administration.change(changes.create("ReasonCode", TEA))
        await administration.close()
        assert "only on its primary node, localhost" in caught.value.advice
        assert {each.method for each in pair.b.requests} == {"GET"}


async def test_reads_work_while_primary_ccx_node_is_out_of_service(tmp_path: Path) -> None:
    async with SimulatorPair(CCX) as pair:
        pair.a.node.set_in_service(False)
        administration = at(pair.a, pair, tmp_path)
        assert await administration.teams()
        pair.a.node.set_in_service(True)
        outcome = await administration.change(changes.create("ReasonCode", TEA))
        pair.b.requests.clear()
        assert len(await administration.list_objects("ReasonCode")) > 1
        await administration.close()
        assert outcome.status == "confirmed"
        assert not pair.b.requests, "the primary node serves again, and what it has is newest"


async def test_other_ccx_node_is_not_used_when_failover_is_off(tmp_path: Path) -> None:
    async with SimulatorPair(CCX) as pair:
        administration = at(pair.a, pair, tmp_path, failover=False)
        assert await administration.teams()
        await pair.a.die()
        with pytest.raises(NetworkError):
            await administration.teams()
        await administration.close()
        assert not pair.b.requests


async def test_advice_names_the_primary_node_when_both_ccx_nodes_are_down(
    tmp_path: Path,
) -> None:
    async with SimulatorPair(CCX) as pair:
        administration = at(pair.b, pair, tmp_path)
        assert await administration.teams()
        await pair.a.die()
        await pair.b.die()
        with pytest.raises(NetworkError) as caught:
            await administration.teams()
        await administration.close()
    assert "only on its primary node" in caught.value.advice
