"""Test SystemInfo: the service state, heartbeats, maintenance mode, addresses of the nodes."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.system_info import CTI, Address, SystemInfo
from tests.simulator.support import EPOCH, FakeTime

NODES = [Address("a.test", 8445, 5222, 5223), Address("b.test")]


def info(time: FakeTime, platform: Any = "UCCE", nodes: list[Address] = NODES) -> SystemInfo:
    return SystemInfo(SimulatorSettings(platform=platform), time.clock, lambda: nodes)


def said(system: SystemInfo, *names: str) -> list[str | None]:
    return [system.xml().findtext(name) for name in names]


def test_nodes_are_shown_with_the_ports_they_have() -> None:
    xml = info(FakeTime()).xml()
    assert {child.tag: child.text for child in xml.find("primaryNode")} == {
        "host": "a.test",
        "httpsPort": "8445",
        "xmppPort": "5222",
        "xmppSecurePort": "5223",
    }
    assert [child.tag for child in xml.find("secondaryNode")] == ["host"]


def test_single_node_names_no_secondary_node() -> None:
    assert info(FakeTime(), nodes=NODES[:1]).xml().find("secondaryNode") is None


def test_first_reason_is_shown_until_its_outage_ends() -> None:
    system = info(FakeTime())
    assert system.lose("database", "one")
    assert not system.lose(CTI, "two")
    assert said(system, "status", "statusReason") == ["OUT_OF_SERVICE", "one"]
    assert not system.regain("database")
    assert said(system, "status", "statusReason") == ["OUT_OF_SERVICE", "two"]
    assert system.regain(CTI)
    assert not system.regain(CTI)
    assert said(system, "status", "statusReason") == ["IN_SERVICE", ""]


@pytest.mark.parametrize(
    ("fail", "heal"),
    [
        (lambda system: system.lose(CTI, ""), lambda system: system.regain(CTI)),
        (lambda system: system.fail_heartbeat(True), lambda system: system.fail_heartbeat(False)),
    ],
    ids=["CTI lost", "heartbeats fail"],
)
def test_last_heartbeat_is_the_time_cti_last_answered(fail: Any, heal: Any) -> None:
    time = FakeTime()
    system = info(time)
    names = ("lastCTIHeartbeatStatus", "lastSuccessCTIHeartbeatTime")
    time.advance(10)
    fail(system)
    time.advance(10)
    assert said(system, *names) == ["failure", str(int((EPOCH + 10) * 1000))]
    heal(system)
    time.advance(1)
    assert said(system, *names) == ["success", str(int((EPOCH + 21) * 1000))]


def test_other_outage_does_not_change_the_heartbeat() -> None:
    system = info(FakeTime())
    system.lose("database", "down")
    assert said(system, "lastCTIHeartbeatStatus") == ["success"]


def test_maintenance_mode_counts_its_seconds_from_the_first_phase() -> None:
    time = FakeTime()
    system = info(time)
    names = ("finesseMMode", "finesseTimeInMMode")
    assert said(system, *names) == ["", "-1"]
    system.set_maintenance("INITIATING")
    time.advance(5)
    assert said(system, *names) == ["INITIATING", "5"]
    system.set_maintenance("IN_PROGRESS")
    time.advance(5)
    assert said(system, *names) == ["IN_PROGRESS", "10"]
    system.set_maintenance(None)
    assert said(system, *names) == ["", "-1"]


def test_ccx_has_no_maintenance_mode() -> None:
    assert said(info(FakeTime(), "UCCX"), "finesseMMode", "deploymentType", "license") == [
        None,
        "UCCX",
        "PREMIUM",
    ]
