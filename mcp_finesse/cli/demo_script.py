"""The script of the demo: one agent, two customers, a colleague, and a lost connection."""

from __future__ import annotations

from mcp_finesse.cli.demo_runner import DemoRunner
from mcp_finesse.simulator import Simulator

_QUEUE = "8800"
_COLLEAGUE, _COLLEAGUE_EXTENSION = "1002", "4502"


async def play_demo(runner: DemoRunner, simulator: Simulator) -> None:
    """Play the whole demo, from sign-in to sign-out."""
    await _begin(runner)
    await _first_call(runner, simulator)
    await _transfer(runner, simulator)
    await _second_call(runner, simulator)
    await _lost_connection(runner, simulator)
    await _end(runner)


async def _begin(runner: DemoRunner) -> None:
    await runner.section("Ada starts her day")
    await runner.wait_until(
        "the session should become ready", "get_session_status", lambda s: s.get("state") == "ready"
    )
    await runner.call("get_session_status")
    await runner.call("sign_in", "confirmed", extension=4501)
    await runner.call("change_state", "confirmed", state="READY")


async def _first_call(runner: DemoRunner, simulator: Simulator) -> None:
    await runner.section("A customer calls")
    before = runner.cursor
    simulator.center.customers.call(
        _QUEUE, "3125550142", {"callVariable1": "A & B Ltd", "callVariable3": "gold"}
    )
    await _wait_for_call(runner, before, "ALERTING")
    await runner.call("get_dialogs")
    await runner.call("answer_call", "confirmed")
    await runner.call("hold_call", "confirmed")
    await runner.section("Disallowed actions fail, and the result says why")
    await runner.call("sign_out", "failed", reason="End of shift")
    await runner.call("send_dtmf", "error", digits="1")
    await runner.call("retrieve_call", "confirmed")
    await runner.call(
        "update_call_data",
        "confirmed",
        call_variables={"callVariable2": "wants an offer", "user.orderId": "A-1007"},
    )


async def _transfer(runner: DemoRunner, simulator: Simulator) -> None:
    await runner.section("Ada consults Ben and transfers the call")
    colleague = simulator.center.colleague(_COLLEAGUE)
    colleague.sign_in()
    consult = await runner.call("consult_call", "confirmed", to_address=_COLLEAGUE_EXTENSION)
    dialog_id, before = consult.get("dialog", {}).get("id", ""), runner.cursor
    colleague.act("ANSWER", dialog_id)
    await _wait_for_call(runner, before, "ACTIVE", object_id=dialog_id)
    await runner.call("transfer_call", "confirmed")


async def _second_call(runner: DemoRunner, simulator: Simulator) -> None:
    await runner.section("Another call, ended and wrapped up")
    await runner.call("change_state", "confirmed", state="READY")
    before = runner.cursor
    simulator.center.customers.call(_QUEUE, "2065550177", {"callVariable1": "M. Sørensen"})
    await _wait_for_call(runner, before, "ALERTING")
    await runner.call("answer_call", "confirmed")
    await runner.call("end_call", "confirmed")
    await runner.call("wrap_up_call", "confirmed", reason="billing question")


async def _lost_connection(runner: DemoRunner, simulator: Simulator) -> None:
    await runner.section("The connection is lost and restored")
    runner.say("The simulator drops every connection without closing it.")
    simulator.faults.kill_links()
    await runner.wait_until(
        "the loss of the connection should be detected",
        "get_session_status",
        lambda s: s.get("reconnects") or s.get("state") != "ready",
    )
    await runner.wait_until(
        "the session should reconnect",
        "get_session_status",
        lambda s: s.get("state") == "ready" and s.get("reconnects"),
    )
    page = await runner.call("get_notifications", limit=1)
    kinds = [item.get("kind") for item in page.get("notifications", [])]
    runner.expect("gap" in kinds, "the notifications should contain a gap")
    calls = await runner.call("get_dialogs")
    runner.expect(calls.get("dialogs"), "the call in wrap-up should still be listed")


async def _end(runner: DemoRunner) -> None:
    await runner.section("Ada ends her shift")
    await runner.call("change_state", "confirmed", state="NOT_READY", reason="Meeting")
    await runner.call("sign_out", "confirmed", reason="End of shift")
    status = await runner.call("get_session_status")
    runner.expect(status.get("agent_state") == "LOGOUT", "the agent should be signed out")


async def _wait_for_call(runner: DemoRunner, after: str, state: str, **more: str) -> None:
    """Wait for a notification of the state. Start after the cursor of an earlier result, as an assistant does."""
    await runner.call(
        "wait_for_notification", "matched", kind="dialog", field="state", value=state, after=after, **more
    )
