"""Users as REST, notifications and teams show them."""

from __future__ import annotations

from datetime import UTC, datetime

from mcp_finesse.model import AgentState, Device, MobileAgent, ReasonCode, Settings, TeamRef, User, parse

_FULL = """
<User>
  <uri>/finesse/api/User/1000</uri><id>1000</id><loginId>1000</loginId><loginName>dkim</loginName>
  <roles><role>Agent</role><role>Supervisor</role></roles>
  <state>NOT_READY</state><stateChangeTime>2031-02-03T04:05:06.789Z</stateChangeTime><mediaType>1</mediaType>
  <pendingState></pendingState><reasonCodeId>23</reasonCodeId>
  <ReasonCode><category>NOT_READY</category><uri>/finesse/api/ReasonCode/23</uri><code>41</code>
    <label>Lunch</label><forAll>true</forAll><systemCode>false</systemCode><id>23</id></ReasonCode>
  <settings><wrapUpOnIncoming>REQUIRED</wrapUpOnIncoming><wrapUpOnOutgoing/>
    <deviceSelection>enabled</deviceSelection></settings>
  <extension>4500</extension><wrapUpTimer>30</wrapUpTimer>
  <mobileAgent><mode>CALL_BY_CALL</mode><dialNumber>5550188</dialNumber></mobileAgent>
  <firstName>Dana</firstName><lastName>Kim</lastName><teamId>310</teamId><teamName>North</teamName>
  <teams><Team><id>310</id><uri>/finesse/api/Team/310</uri><name>North</name></Team></teams>
  <dialogs>/finesse/api/User/1000/Dialogs</dialogs><skillTargetId>5020</skillTargetId>
  <activeDeviceId>SEP01</activeDeviceId>
  <Devices><Device><deviceId>SEP01</deviceId><deviceType>36</deviceType><deviceTypeName>Phone</deviceTypeName>
    </Device></Devices>
  <services><service>AgentAnswers</service></services>
  <mood>calm</mood>
</User>
"""


def read(xml: str) -> User:
    return User.from_element(parse(xml))


def test_a_full_user_is_read() -> None:
    assert read(_FULL) == User(
        id="1000",
        uri="/finesse/api/User/1000",
        login_id="1000",
        login_name="dkim",
        state=AgentState.NOT_READY,
        state_change_time=datetime(2031, 2, 3, 4, 5, 6, 789000, UTC),
        reason_code_id=23,
        reason_code=ReasonCode(
            id=23,
            uri="/finesse/api/ReasonCode/23",
            category="NOT_READY",
            code=41,
            label="Lunch",
            for_all=True,
            system_code=False,
        ),
        extension="4500",
        first_name="Dana",
        last_name="Kim",
        team_id="310",
        team_name="North",
        roles=["Agent", "Supervisor"],
        teams=[TeamRef(id="310", uri="/finesse/api/Team/310", name="North")],
        settings=Settings(wrap_up_on_incoming="REQUIRED", device_selection="enabled"),
        mobile_agent=MobileAgent(mode="CALL_BY_CALL", dial_number="5550188"),
        wrap_up_timer=30,
        media_type="1",
        active_device_id="SEP01",
        devices=[Device(device_id="SEP01", device_type=36, device_type_name="Phone")],
        skill_target_id=5020,
        services=["AgentAnswers"],
        dialogs_uri="/finesse/api/User/1000/Dialogs",
        extra={"mood": "calm"},
    )


def test_a_user_from_a_notification_may_spell_and_order_differently() -> None:
    user = read(
        "<user><state>LOGOUT</state><stateChangeTime></stateChangeTime><extension></extension>"
        "<reasonCodeId>-1</reasonCodeId><reasonCode><label>Other</label></reasonCode>"
        "<loginId>1001</loginId><roles><role>Agent</role></roles></user>"
    )

    assert user.state is AgentState.LOGOUT
    assert user.state_change_time is None
    assert user.extension is None
    assert user.reason_code_id == -1
    assert user.reason_code == ReasonCode(label="Other")
    assert user.roles == ["Agent"]
    assert not user.is_supervisor


def test_the_id_of_a_summary_comes_from_the_login_id_or_the_uri() -> None:
    assert read("<User><loginId>8801</loginId><mediaState>BUSY</mediaState></User>").id == "8801"
    assert read("<User><uri>/finesse/api/User/8802</uri></User>").id == "8802"
    assert read("<User><id>7</id><loginId>8</loginId></User>").id == "7"
    assert read("<User><state>READY</state></User>").id is None


def test_a_supervisor_is_known_by_role() -> None:
    assert read(_FULL).is_supervisor
    assert read("<u><roles><role>supervisor</role></roles></u>").is_supervisor


def test_a_broken_value_does_not_cost_the_rest() -> None:
    user = read(
        "<User><loginId>1001</loginId><state>NEW_STATE</state><stateChangeTime>noon</stateChangeTime>"
        "<reasonCodeId></reasonCodeId><wrapUpTimer>half</wrapUpTimer></User>"
    )

    assert user.state == "NEW_STATE"
    assert user.state_change_time is None
    assert user.reason_code_id is None
    assert user.extra == {"stateChangeTime": "noon", "wrapUpTimer": "half"}
