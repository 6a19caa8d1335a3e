"""Test what only the node of a sign-in knows.

These are the mobile agents and the settings of nonvoice media (guide p.33, p.168).
"""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.world.devices import Mobile
from tests.simulator.support import Notification
from tests.simulator.support_rest import client_of, until, xml
from tests.simulator.test_node import TwoNodes


def settings_of(received: list[Notification]) -> list[str]:
    media = [each.data for each in received if each.kind == "Media"]
    return [media[-1].findtext(name) or "" for name in ("maxDialogLimit", "interruptAction", "state")]


class TestMobileAgent:
    def test_mobile_agent_is_shown_only_by_the_node_of_the_sign_in(self) -> None:
        stage = TwoNodes()
        stage.center.colleague("1003").sign_in(mobile=Mobile("CALL_BY_CALL", "2125550101"))
        stage.settle()
        (here,), (there,) = stage.received(), stage.received_there()
        assert here.data.findtext("mobileAgent/mode") == "CALL_BY_CALL"
        assert there.data.find("mobileAgent") is None

    @pytest.mark.parametrize("loss", ["CTI", "Finesse"])
    def test_mobile_agent_is_a_normal_agent_after_a_failover(self, loss: str) -> None:
        stage = TwoNodes()
        stage.center.colleague("1003").sign_in(mobile=Mobile("CALL_BY_CALL", "2125550101"))
        stage.settle()
        stage.published.clear()
        if loss == "CTI":
            stage.node.set_in_service(False)
            stage.node.set_in_service(True)
        else:
            stage.node.halt("crash")
            stage.node.boot()
        users = [each for each in stage.received("1003") if each.kind == "user"]
        assert users
        assert all(user.data.find("mobileAgent") is None for user in users)


class TestMediaSettings:
    def test_media_settings_are_published_only_by_the_node_of_the_sign_in(self) -> None:
        stage = TwoNodes()
        stage.center.colleague("1001").sign_in_to_media("5001", 4, "IGNORE")
        stage.settle()
        assert settings_of(stage.received()) == ["4", "IGNORE", "NOT_READY"]
        assert settings_of(stage.received_there()) == ["", "", "NOT_READY"]

    def test_media_settings_are_known_again_after_another_sign_in(self) -> None:
        stage = TwoNodes()
        ada = stage.center.colleague("1001")
        ada.sign_in_to_media("5001", 4)
        stage.settle()
        stage.node.set_in_service(False)
        stage.node.set_in_service(True)
        assert settings_of(stage.received()) == ["", "", "NOT_READY"]
        ada.sign_in_to_media("5001", 4)
        stage.settle()
        received = stage.received()
        assert settings_of(received) == ["4", "ACCEPT", "NOT_READY"]
        assert received[-1].summary == "ERROR Agent already logged into MRD 1"


async def test_rest_shows_media_settings_until_the_node_loses_them() -> None:
    async with Simulator(SimulatorSettings()) as simulator, client_of(simulator) as client:
        simulator.center.colleague("1001").sign_in_to_media("5001", 4)
        media = simulator.center.tasks.users["1001", "5001"]
        await until(lambda: media.shown == "NOT_READY")
        for limit in ("4", ""):
            read = xml(await client.get("User/1001/Media/5001"))
            listed = xml(await client.get("User/1001/Media"))[0]
            assert read.findtext("maxDialogLimit") == listed.findtext("maxDialogLimit") == limit
            simulator.faults.out_of_service()
            simulator.faults.in_service()
