"""The day of an agent who works on chats and e-mails in addition to calls, through MCP tools."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.support import REQUEST_IDS
from tests.scenarios.support_tasks import Day, day
from tests.server.support import ERAS
from tests.session.support import CUSTOMER

CHAT, MAIL = "5001", "5002"
TOOLS = (
    "get_media",
    "sign_in_media",
    "sign_out_media",
    "change_media_state",
    "get_tasks",
    "accept_task",
    "work_on_task",
    "close_task",
    "transfer_task",
)


async def comes(at_work: Day, media_id: str, **variables: str) -> str:
    """Offer a task and return its id."""
    task = at_work.floor.simulator.center.customers.send_task(media_id, variables)
    await at_work.floor.until(lambda: task.id in at_work.floor.session.mirror.tasks)
    return task.id


@pytest.mark.parametrize("era", ERAS)
@REQUEST_IDS
async def test_task_agent_completes_a_working_day(tmp_path: Path, era: str, request_ids: str) -> None:
    async with day(tmp_path, "agent", "tasks", mode=era, request_ids=request_ids) as work:
        # In the morning: signed out of everything.
        assert await work.text("get_media") == (
            "media 5001 Cisco_Chat, LOGOUT\nmedia 5002 Cisco_Email, LOGOUT"
        )
        await work.do("sign_in", extension="4501")
        said = await work.refused("sign_in_media", max_dialog_limit=3)
        assert "More than one media matches. Nothing was sent. Media: Cisco_Chat (5001), Cisco_Email" in said
        told = await work.do(
            "sign_in_media", media="chat", max_dialog_limit=3, dialog_logout_action="transfer"
        )
        assert told["media"]["state"] == "NOT_READY"
        assert (told["media"]["max_dialog_limit"], told["media"]["interrupt_action"]) == (3, "ACCEPT")
        await work.do("sign_in_media", media=MAIL)
        assert "More than one media matches" in await work.refused("change_media_state", state="READY")
        await work.do("change_media_state", state="ready", media="Cisco_Chat")

        # A chat, from the offer to its end.
        chat = await comes(work, CHAT, callVariable1="order 7731")
        [task] = (await work.get("get_tasks"))["tasks"]
        assert task["allowed_actions"] == ["ACCEPT"]
        assert task["caller_supplied"]["call_variables"] == {"callVariable1": "order 7731"}
        assert (await work.get("get_dialogs"))["dialogs"] == []
        await work.do("accept_task")
        assert (await work.do("work_on_task", action="START"))["task"]["state"] == "ACTIVE"
        await work.do("work_on_task", "unchanged", action="START")
        await work.do("work_on_task", action="pause")
        said = await work.refused("work_on_task", action="START", dialog_id=chat)
        assert f"START is not allowed on task {chat} now (state PAUSED)" in said
        assert "Allowed now: RESUME, WRAP_UP, CLOSE, TRANSFER" in said

        # A second chat, which is transferred.
        second = await comes(work, CHAT)
        await work.do("accept_task")
        said = await work.refused("close_task")
        assert "2 tasks allow CLOSE now. Nothing was sent." in said
        assert chat in said
        assert second in said
        told = await work.do("transfer_task", "failed", to_address="chat.nobody", dialog_id=second)
        assert told["task"]["id"] == second
        await work.do("transfer_task", "unreported", to_address="chat.sales", dialog_id=second)
        await work.do("work_on_task", action="RESUME")
        await work.do("work_on_task", action="wrap up")
        await work.do("close_task")
        assert (await work.get("get_tasks"))["tasks"] == []

        # A lunch break, with its reason.
        said = await work.refused("change_media_state", state="NOT_READY", media="chat", reason="Nap")
        assert 'No reason is called "Nap"' in said
        reason = (await work.get("get_codes", kind="NOT_READY"))["not_ready"][0]["label"]
        told = await work.do("change_media_state", state="NOT_READY", media="chat", reason=reason)
        assert told["media"]["reason"]["label"] == reason

        # E-mails are interrupted by calls.
        await work.do("change_media_state", state="READY", media="mail")
        mail = await comes(work, MAIL)
        await work.do("accept_task")
        await work.do("work_on_task", action="START")
        await work.do("change_state", state="READY")
        call = work.floor.simulator.center.customers.call("8800", CUSTOMER, {})
        await work.floor.until(lambda: call in work.floor.session.mirror.dialogs)
        await work.do("answer_call")
        await work.floor.until(lambda: work.floor.session.mirror.media[MAIL].state == "INTERRUPTED")
        [task] = (await work.get("get_tasks"))["tasks"]
        assert (task["id"], task["state"], task["allowed_actions"]) == (mail, "INTERRUPTED", [])
        assert "(state INTERRUPTED)" in await work.refused("close_task", dialog_id=mail)
        await work.do("end_call")
        await work.floor.until(lambda: work.floor.session.mirror.media[MAIL].state == "ACTIVE")

        # No new e-mails while the last one is finished.
        told = await work.do("change_media_state", state="not routable", media="mail")
        assert told["media"]["routable"] is False
        assert "not routable" in await work.text("get_media")
        await work.do("close_task")

        # In the evening.
        reason = (await work.get("get_codes", kind="SIGN_OUT"))["sign_out"][0]["label"]
        for media in ("chat", "mail"):
            await work.do("sign_out_media", media=media, reason=reason)
        assert {media["state"] for media in work.truth["media"]["1001"].values()} == {"LOGOUT"}
        assert [task for task in work.truth["tasks"].values() if task["agent"] == "1001"] == []
        assert not [entry for entry in work.floor.session.journal if entry.kind == "gap"]


async def test_media_settings_are_sent_again_only_on_request(tmp_path: Path) -> None:
    """After a failover Finesse has lost them: this is reported, and nothing is sent unasked."""
    async with day(tmp_path, "agent", "tasks") as work:
        await work.do("sign_in_media", media="chat", max_dialog_limit=5, interrupt_action="IGNORE")
        sent = len(work.floor.sent())
        user = work.floor.simulator.center.tasks.users["1001", CHAT]
        user.max_dialog_limit, user.interrupt_action = 1, "ACCEPT"
        work.floor.simulator.faults.kill_links()
        await work.floor.until(lambda: work.floor.session.status.reconnects)
        await work.floor.until(lambda: work.floor.session.mirror.task_store.settings.lost)
        [note] = (await work.get("get_media"))["notes"]
        assert "signed in with max_dialog_limit 5 (now 1), interrupt_action IGNORE (now ACCEPT)" in note
        assert note in (await work.get("get_session_status"))["notes"]
        assert len(work.floor.sent()) == sent

        told = await work.do("sign_in_media", media="chat")
        assert "already signed in. Changed settings: max_dialog_limit 5" in told["message"]
        assert told["media"]["max_dialog_limit"] == 5
        assert "notes" not in await work.get("get_media")


async def test_uccx_rejects_every_task_tool(tmp_path: Path) -> None:
    arguments = {
        "change_media_state": {"state": "READY"},
        "work_on_task": {"action": "START"},
        "transfer_task": {"to_address": "chat.sales"},
    }
    async with day(tmp_path, "tasks", platform="UCCX") as work:
        for tool in TOOLS:
            said = await work.refused(tool, **arguments.get(tool, {}))
            assert said.endswith(f"{tool} exists on UCCE only; this Finesse is UCCX. Nothing was sent.")
        asked = [request.path for request in work.floor.simulator.requests if "/Media" in request.path]
        assert (asked, work.floor.sent()) == ([], [])
