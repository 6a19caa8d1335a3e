"""SystemInfo of both platforms, and of a system of one node."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mcp_finesse.model import CtiServer, Node, SystemInfo, parse

_FULL = """
<SystemInfo>
  <currentTimestamp>2031-02-03T04:05:06.050Z</currentTimestamp><deploymentType>UCCE</deploymentType>
  <lastCTIHeartbeatStatus>success</lastCTIHeartbeatStatus>
  <lastSuccessCTIHeartbeatTime>1927857159870</lastSuccessCTIHeartbeatTime>
  <ctiVersion>23</ctiVersion><ctiHeartbeatInterval>5</ctiHeartbeatInterval><license></license>
  <peripheralId>5000</peripheralId>
  <primaryNode><host>a.example.test</host><httpsPort>8445</httpsPort><xmppPort>5222</xmppPort>
    <xmppSecurePort>5223</xmppSecurePort></primaryNode>
  <secondaryNode><host>b.example.test</host></secondaryNode>
  <status>IN_SERVICE</status><statusReason></statusReason><systemAuthMode>HYBRID</systemAuthMode>
  <timezoneOffset>-60</timezoneOffset><uri>/finesse/api/SystemInfo</uri>
  <xmppDomain>a.example.test</xmppDomain><xmppPubSubDomain>pubsub.a.example.test</xmppPubSubDomain>
  <ctiMMode>INITIATING</ctiMMode><ctiTimeInMMode>-1</ctiTimeInMMode><finesseMMode>IN_PROGRESS</finesseMMode>
  <finesseTimeInMMode>12</finesseTimeInMMode>
  <ctiServers><ctiServer><host>cti-a</host><connectedDuration>99</connectedDuration><active>true</active>
  </ctiServer></ctiServers>
</SystemInfo>
"""


def read(xml: str) -> SystemInfo:
    return SystemInfo.from_element(parse(xml))


def test_a_full_system_info_is_read() -> None:
    assert read(_FULL) == SystemInfo(
        current_timestamp=datetime(2031, 2, 3, 4, 5, 6, 50000, UTC),
        deployment_type="UCCE",
        last_cti_heartbeat_status="success",
        last_success_cti_heartbeat_time=datetime.fromtimestamp(1927857159.870, UTC),
        cti_version=23,
        cti_heartbeat_interval=5,
        peripheral_id=5000,
        primary_node=Node(host="a.example.test", https_port=8445, xmpp_port=5222, xmpp_secure_port=5223),
        secondary_node=Node(host="b.example.test"),
        status="IN_SERVICE",
        system_auth_mode="HYBRID",
        timezone_offset=-60,
        uri="/finesse/api/SystemInfo",
        xmpp_domain="a.example.test",
        xmpp_pubsub_domain="pubsub.a.example.test",
        cti_mmode="INITIATING",
        cti_time_in_mmode=-1,
        finesse_mmode="IN_PROGRESS",
        finesse_time_in_mmode=12,
        cti_servers=[CtiServer(host="cti-a", connected_duration="99", active=True)],
    )


@pytest.mark.parametrize("second", ["", "<secondaryNode/>", "<secondaryNode><host/></secondaryNode>"])
def test_a_system_of_one_node_has_no_second_host(second: str) -> None:
    node = read(f"<SystemInfo><status>IN_SERVICE</status>{second}</SystemInfo>").secondary_node

    assert node is None or node.host is None


@pytest.mark.parametrize(
    ("status", "in_service"),
    [("IN_SERVICE", True), ("OUT_OF_SERVICE", False), ("PARTIAL_SERVICE", False), ("", False)],
)
def test_anything_but_in_service_is_out_of_service(status: str, in_service: bool) -> None:
    assert read(f"<systemInfo><status>{status}</status></systemInfo>").in_service is in_service


@pytest.mark.parametrize(
    ("word", "ok"), [("success", True), ("SUCCESS", True), ("failure", False), ("", False)]
)
def test_the_heartbeat_is_good_only_on_success(word: str, ok: bool) -> None:
    xml = f"<SystemInfo><lastCTIHeartbeatStatus>{word}</lastCTIHeartbeatStatus></SystemInfo>"

    assert read(xml).heartbeat_ok is ok
