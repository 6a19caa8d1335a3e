"""Outcomes of campaign agents' actions, against the simulator on real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import Dialog, Update
from mcp_finesse.session.actions.agent import change_state, sign_in
from mcp_finesse.session.actions.outbound import (
    answer_preview,
    cancel_callback,
    reclassify_call,
    schedule_callback,
)
from tests.session.support import TIMING
from tests.session.support_supervision import Office, office

CLEO, CLEOS = "1003", "4503"
ANSWERS, RINGS = "2125550100", "2125550101"
DIALOGS = f"/finesse/api/User/{CLEO}/Dialogs"
NOON = "2050-05-01T12:00"


@pytest.fixture
async def finesse(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path, user=CLEO, time_scale=0.2) as made:
        yield made


async def previewed(finesse: Office, campaign: str = "Renewals", number: str = ANSWERS) -> str:
    await finesse.do(sign_in(CLEO, CLEOS))
    await finesse.do(change_state(CLEO, "READY"))
    preview = finesse.simulator.center.customers.offer_record(campaign, CLEO, number)
    await finesse.until(lambda: preview in finesse.session.mirror.dialogs)
    return preview


async def connected(finesse: Office, campaign: str = "Welcome") -> str:
    """Return the customer's call of a campaign, answered by both parties."""
    preview = await previewed(finesse, campaign)
    await finesse.do(answer_preview(preview, "ACCEPT"))
    await finesse.until(
        lambda: any(
            dialog.id != preview and dialog.state == "ACTIVE"
            for dialog in finesse.session.mirror.dialogs.values()
        )
    )
    (call,) = finesse.session.mirror.dialogs
    return call


def record(finesse: Office, preview: str) -> str:
    return str(finesse.simulator.center.truth()["records"][preview]["status"])


# -- previews


async def test_accepted_preview_is_confirmed_with_state_accepted(finesse: Office) -> None:
    preview = await previewed(finesse, number=RINGS)
    outcome = await finesse.do(answer_preview(preview, "ACCEPT"))
    assert outcome.dialog is not None
    assert outcome.dialog.state == "ACCEPTED"
    with pytest.raises(InvalidRequestError, match="REJECT is not allowed"):
        await finesse.session.act(answer_preview(preview, "REJECT"))


@pytest.mark.parametrize(("answer", "becomes"), [("REJECT", "REJECTED"), ("CLOSE", "CLOSED")])
async def test_rejected_or_closed_preview_is_unreported_and_removed(
    finesse: Office, answer: str, becomes: str
) -> None:
    preview = await previewed(finesse)
    outcome = await finesse.do(answer_preview(preview, answer), "unreported")
    assert outcome.message == "Accepted. The preview is gone. Finesse does not report the cause."
    assert outcome.dialog is None
    assert record(finesse, preview) == becomes


async def test_accept_with_lost_event_is_confirmed_by_a_read(finesse: Office) -> None:
    preview = await previewed(finesse, number=RINGS)
    finesse.simulator.faults.lose_next_event(1, DIALOGS)
    outcome = await finesse.do(answer_preview(preview, "ACCEPT"))
    assert "Confirmed by reading the state" in outcome.message


async def test_accept_is_confirmed_by_customer_call_when_no_other_event_arrives(tmp_path: Path) -> None:
    async with office(tmp_path, user=CLEO, time_scale=0.01) as finesse:
        preview = await previewed(finesse)
        finesse.simulator.faults.lose_next_event(1, DIALOGS)
        outcome = await finesse.do(answer_preview(preview, "ACCEPT"))
        assert outcome.dialog is not None
        assert outcome.dialog.id != preview
        assert "The customer is being called." in outcome.message


async def test_preview_action_rejected_by_later_event_is_failed_with_finesse_error(finesse: Office) -> None:
    preview = await previewed(finesse)
    finesse.simulator.faults.fail_next("REJECT", with_request_id=False)
    outcome = await finesse.do(answer_preview(preview, "REJECT"), "failed")
    assert outcome.errors[0].type == "Generic Error"
    assert record(finesse, preview) == "OFFERED"


async def test_preview_action_without_event_is_unknown(tmp_path: Path) -> None:
    async with office(tmp_path, user=CLEO, timing=replace(TIMING, confirmation=0.5)) as finesse:
        preview = await previewed(finesse)
        finesse.simulator.faults.http_status(202, method="PUT")
        await finesse.do(answer_preview(preview, "CLOSE"), "unknown")


async def test_task_is_not_accepted_as_a_preview(finesse: Office) -> None:
    await finesse.do(sign_in(CLEO, CLEOS))
    finesse.session.mirror.apply(
        Update(dialog=Dialog(id="1_2_3", state="OFFERED", media_type="Chat")), "user"
    )
    sent = len(finesse.sent())
    with pytest.raises(InvalidRequestError, match="no call 1_2_3"):
        await finesse.session.act(answer_preview("1_2_3", "ACCEPT"))
    assert len(finesse.sent()) == sent


# -- classification and callback of the customer's call


@pytest.mark.parametrize("platform", ["UCCE", "UCCX"])
async def test_reclassified_call_shows_the_classification_in_baresponse(
    tmp_path: Path, platform: str
) -> None:
    async with office(tmp_path, user=CLEO, platform=platform) as finesse:
        call = await connected(finesse)
        outcome = await finesse.do(reclassify_call(call, "FAX"))
        assert outcome.differences == ()
        assert finesse.simulator.center.truth()["dialogs"][call]["callvariables"]["BAResponse"] == "FAX"
        await finesse.do(reclassify_call(call, "FAX"), "unchanged")


async def test_only_direct_preview_call_can_be_reclassified(finesse: Office) -> None:
    call = await connected(finesse, "Renewals")
    sent = len(finesse.sent())
    with pytest.raises(InvalidRequestError, match="RECLASSIFY is not allowed") as caught:
        await finesse.session.act(reclassify_call(call, "FAX"))
    assert "a call of a direct preview campaign" in caught.value.advice
    assert len(finesse.sent()) == sent


async def test_callback_is_scheduled_changed_and_cancelled(finesse: Office) -> None:
    call = await connected(finesse)
    outcome = await finesse.do(schedule_callback(call, NOON, "2125550199"))
    assert outcome.dialog is not None
    assert outcome.dialog.scheduled_callback is not None
    assert outcome.dialog.scheduled_callback.callback_time == NOON
    await finesse.do(schedule_callback(call, number="2125550198"))
    held = {"callbackTime": NOON, "callbackNumber": "2125550198"}
    assert finesse.simulator.center.truth()["dialogs"][call]["callback"] == held
    await finesse.do(cancel_callback(call))
    await finesse.do(cancel_callback(call), "unchanged")


async def test_callback_without_event_is_unknown_with_missing_fields(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, user=CLEO, timing=replace(TIMING, confirmation=0.5)) as finesse:
        call = await connected(finesse)
        finesse.simulator.faults.http_status(202, method="PUT")
        outcome = await finesse.do(schedule_callback(call, NOON), "unknown")
        assert [(item.field, item.asked, item.got) for item in outcome.differences] == [
            ("callbackTime", NOON, "")
        ]


@pytest.mark.parametrize(
    ("time", "number", "said"),
    [
        (None, None, "No value to schedule"),
        ("2050-05-01", None, "must be YYYY-MM-DDThh:MM"),
        ("2050-05-01T12:00:00", None, "must be YYYY-MM-DDThh:MM"),
        ("2050-13-01T12:00", None, "must be YYYY-MM-DDThh:MM"),
        ("2001-01-01T12:00", None, "past in every time zone"),
        (None, " ", "callback_number is empty"),
        (None, "Zoë", "cannot be dialed"),
    ],
)
async def test_invalid_callback_is_rejected_before_any_request(
    finesse: Office, time: str | None, number: str | None, said: str
) -> None:
    call = await connected(finesse)
    sent = len(finesse.sent())
    with pytest.raises(InvalidRequestError, match=said):
        await finesse.session.act(schedule_callback(call, time, number))
    assert len(finesse.sent()) == sent
