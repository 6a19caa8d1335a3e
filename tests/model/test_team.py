"""Teams: members in short."""

from __future__ import annotations

from datetime import UTC, datetime

from mcp_finesse.model import AgentState, ReasonCode, Team, User, parse

_TEAM = """
<Team>
  <uri>/finesse/api/Team/310</uri><id>310</id><name>North</name>
  <users>
    <User>
      <uri>/finesse/api/User/8801</uri><loginId>8801</loginId><firstName>Ana</firstName><lastName>Ruiz</lastName>
      <dialogs>/finesse/api/User/8801/Dialogs</dialogs><extension>4501</extension><pendingState></pendingState>
      <state>NOT_READY</state><mediaState>IDLE</mediaState>
      <reasonCode><category>NOT_READY</category><code>41</code><label>Lunch</label><id>23</id></reasonCode>
      <stateChangeTime>2030-05-01T09:12:40.615Z</stateChangeTime>
    </User>
    <User><uri>/finesse/api/User/Bob</uri><state>SINGING</state><stateChangeTime/></User>
  </users>
</Team>
"""


def test_a_team_is_read_with_its_members() -> None:
    assert Team.from_element(parse(_TEAM)) == Team(
        id="310",
        uri="/finesse/api/Team/310",
        name="North",
        users=[
            User(
                id="8801",
                uri="/finesse/api/User/8801",
                login_id="8801",
                first_name="Ana",
                last_name="Ruiz",
                dialogs_uri="/finesse/api/User/8801/Dialogs",
                extension="4501",
                state=AgentState.NOT_READY,
                media_state="IDLE",
                reason_code=ReasonCode(category="NOT_READY", code=41, label="Lunch", id=23),
                state_change_time=datetime(2030, 5, 1, 9, 12, 40, 615000, UTC),
            ),
            User(id="Bob", uri="/finesse/api/User/Bob", state="SINGING"),
        ],
    )


def test_a_member_is_found_by_id_in_any_case() -> None:
    team = Team.from_element(parse(_TEAM))

    assert team.member("8801") is team.users[0]
    assert team.member("bOB") is team.users[1]
    assert team.member("9999") is None


def test_a_team_without_id_is_named_by_its_uri_and_may_be_empty() -> None:
    assert Team.from_element(parse("<team><uri>/finesse/api/Team/7</uri><users/></team>")).id == "7"
    assert Team.from_element(parse("<team/>")) == Team()
