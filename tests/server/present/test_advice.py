"""Advice is computed from the state after the action."""

from __future__ import annotations

from mcp_finesse.model.code_tables.meaning import REQUEST_LATER
from mcp_finesse.server.tools.call_targeting import perform
from mcp_finesse.session import Outcome, OutcomeStatus
from mcp_finesse.session.actions.supervision import monitor_call
from tests.mirrored import set_user
from tests.server.support import ScriptedSession, agent, call, confirmed, connected, refusal, signed_in, tell

TALKING = call("331", "ACTIVE", "ACTIVE", ("HOLD", "DROP", "CONSULT_CALL"))
HELD = call("331", "ACTIVE", "HELD", ("RETRIEVE", "DROP"))


def failing(action: str) -> ScriptedSession:
    session = signed_in()
    session.outcomes.append(Outcome(status=OutcomeStatus.FAILED, action=action, message=f"{action} failed."))
    return session


async def test_failed_consult_advises_that_the_caller_is_on_hold_and_how_to_return() -> None:
    session = failing("CONSULT_CALL")
    session.have(TALKING)
    session.on_act = lambda: session.have(HELD, call("340", "FAILED", "FAILED", ("DROP",)))
    async with connected(session) as client:
        told = await tell(client, "consult_call", to_address="4502")
    assert "Allowed on call 331 now: RETRIEVE, DROP." in told
    assert (
        "Call 331 is on hold. To resume the call, use end_call(dialog_id=340), then retrieve_call(dialog_id=331)."
    ) in told
    assert "HOLD, DROP" not in told


async def test_retrieve_is_not_offered_while_a_consult_call_rings() -> None:
    session = failing("RETRIEVE")
    session.have(HELD, call("340", "INITIATED", "INITIATED", ("DROP",)))
    async with connected(session) as client:
        told = await tell(client, "retrieve_call", dialog_id="331")
    assert "Allowed on call 331 now: DROP." in told
    assert "end_call(dialog_id=340), then retrieve_call(dialog_id=331)" in told


async def test_retrieve_reports_the_call_put_on_hold() -> None:
    session = signed_in()
    other = call("340", "ACTIVE", "ACTIVE", ("HOLD",))
    session.have(HELD, other)
    session.outcomes.append(confirmed("RETRIEVE", dialog=TALKING, dialog_id="331"))
    session.on_act = lambda: session.have(TALKING, call("340", "ACTIVE", "HELD", ("RETRIEVE",)))
    async with connected(session) as client:
        assert "Call 340 is now on hold." in await tell(client, "retrieve_call", dialog_id="331")


async def test_agent_in_wrap_up_is_advised_how_to_make_a_new_call() -> None:
    session = failing("MAKE_CALL")
    set_user(session.mirror, agent(state="WORK"))
    async with connected(session) as client:
        told = await tell(client, "make_call", to_address="4502")
    assert (
        "The agent is in wrap-up. Use change_state with NOT_READY or READY to end the wrap-up, then try again."
        in told
    )


async def test_signed_out_agent_is_advised_to_sign_in() -> None:
    session = failing("READY")
    set_user(session.mirror, agent(state="LOGOUT", extension=None))
    async with connected(session) as client:
        told = await tell(client, "change_state", state="READY")
    assert "The agent is signed out. Use sign_in first." in told
    assert "can request" not in told


async def test_failed_state_change_without_a_call_does_not_mention_calls() -> None:
    session = failing("NOT_READY")
    async with connected(session) as client:
        told = await tell(client, "change_state", state="NOT_READY", reason="Lunch")
    assert "The agent is in state READY without a call and can request: " in told


async def test_advice_about_the_current_state_replaces_general_advice() -> None:
    session = signed_in()
    outcome = Outcome(status=OutcomeStatus.FAILED, action="READY", message="Failed.", advice=REQUEST_LATER)
    session.outcomes.append(outcome)
    async with connected(session) as client:
        told = await tell(client, "change_state", state="READY")
    assert "The agent is in state READY without a call and can request: " in told
    assert REQUEST_LATER not in told


async def test_action_that_no_call_allows_states_its_requirement() -> None:
    session = signed_in()
    session.after_refresh = [TALKING, call("332", "ACTIVE", "ACTIVE", ("HOLD", "DROP"))]
    async with connected(session) as client:
        assert "ANSWER requires: a call that is ALERTING for the agent." in await refusal(
            client, "answer_call"
        )


async def test_failed_monitoring_is_not_explained_by_the_supervisors_state() -> None:
    session = signed_in()
    set_user(session.mirror, agent(state="NOT_READY", roles=["Supervisor"], teams=[]))
    failed = Outcome(
        status=OutcomeStatus.FAILED, action="SILENT_MONITOR", message="No.", advice=REQUEST_LATER
    )
    session.outcomes.append(failed)
    told = await perform(
        session.as_session(), monitor_call("1001", "4502"), hint="The agent must be connected on a call."
    )
    assert told.advice == "The agent must be connected on a call."
