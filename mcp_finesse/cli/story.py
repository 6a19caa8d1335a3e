"""The script of the demo: one agent, two customers, a colleague, and a lost connection."""

from __future__ import annotations

from mcp_finesse.cli.player import Player
from mcp_finesse.simulator import Simulator

_QUEUE = "8800"
_COLLEAGUE, _COLLEAGUE_EXTENSION = "1002", "4502"


async def tell_story(player: Player, simulator: Simulator) -> None:
    """Play the whole demo, from sign-in to sign-out."""
    await _begin(player)
    await _first_call(player, simulator)
    await _transfer(player, simulator)
    await _second_call(player, simulator)
    await _lost_connection(player, simulator)
    await _end(player)


async def _begin(player: Player) -> None:
    await player.chapter("Ada starts her day")
    await player.until(
        "the session should become ready", "get_session_status", lambda s: s.get("state") == "ready"
    )
    await player.call("get_session_status")
    await player.call("sign_in", "confirmed", extension=4501)
    await player.call("change_state", "confirmed", state="READY")


async def _first_call(player: Player, simulator: Simulator) -> None:
    await player.chapter("A customer calls")
    before = player.cursor
    simulator.center.customers.call(
        _QUEUE, "3125550142", {"callVariable1": "A & B Ltd", "callVariable3": "gold"}
    )
    await _wait_for_call(player, before, "ALERTING")
    await player.call("get_dialogs")
    await player.call("answer_call", "confirmed")
    await player.call("hold_call", "confirmed")
    await player.chapter("An action that is not allowed is rejected, with Finesse's reason")
    await player.call("sign_out", "failed", reason="End of shift")
    await player.call("send_dtmf", "error", digits="1")
    await player.call("retrieve_call", "confirmed")
    await player.call(
        "update_call_data",
        "confirmed",
        call_variables={"callVariable2": "wants an offer", "user.orderId": "A-1007"},
    )


async def _transfer(player: Player, simulator: Simulator) -> None:
    await player.chapter("Ada consults Ben and transfers the call")
    colleague = simulator.center.colleague(_COLLEAGUE)
    colleague.sign_in()
    consult = await player.call("consult_call", "confirmed", to_address=_COLLEAGUE_EXTENSION)
    dialog_id, before = consult.get("dialog", {}).get("id", ""), player.cursor
    colleague.act("ANSWER", dialog_id)
    await _wait_for_call(player, before, "ACTIVE", object_id=dialog_id)
    await player.call("transfer_call", "confirmed")


async def _second_call(player: Player, simulator: Simulator) -> None:
    await player.chapter("Another call, ended and wrapped up")
    await player.call("change_state", "confirmed", state="READY")
    before = player.cursor
    simulator.center.customers.call(_QUEUE, "2065550177", {"callVariable1": "M. Sørensen"})
    await _wait_for_call(player, before, "ALERTING")
    await player.call("answer_call", "confirmed")
    await player.call("end_call", "confirmed")
    await player.call("wrap_up_call", "confirmed", reason="billing question")


async def _lost_connection(player: Player, simulator: Simulator) -> None:
    await player.chapter("The connection is lost and restored")
    player.say("The simulator drops every connection without closing it.")
    simulator.faults.kill_links()
    await player.until(
        "the loss should be detected",
        "get_session_status",
        lambda s: s.get("reconnects") or s.get("state") != "ready",
    )
    await player.until(
        "the session should reconnect",
        "get_session_status",
        lambda s: s.get("state") == "ready" and s.get("reconnects"),
    )
    page = await player.call("get_notifications", limit=1)
    kinds = [item.get("kind") for item in page.get("notifications", [])]
    player.expect("gap" in kinds, "the notifications should contain a gap")
    calls = await player.call("get_dialogs")
    player.expect(calls.get("dialogs"), "the call in wrap-up should still be there")


async def _end(player: Player) -> None:
    await player.chapter("Ada ends her shift")
    await player.call("change_state", "confirmed", state="NOT_READY", reason="Meeting")
    await player.call("sign_out", "confirmed", reason="End of shift")
    status = await player.call("get_session_status")
    player.expect(status.get("agent_state") == "LOGOUT", "the agent should be signed out")


async def _wait_for_call(player: Player, after: str, state: str, **more: str) -> None:
    """Wait like an assistant: for a notification of the state, from a cursor saved before."""
    await player.call(
        "wait_for_notification", "matched", kind="dialog", field="state", value=state, after=after, **more
    )
