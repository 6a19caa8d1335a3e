"""Completions of campaign actions: which dialogs prove them."""

from __future__ import annotations

import pytest

from mcp_finesse.model import CallVariable, Dialog, MediaProperties, Participant, ScheduledCallback, User
from mcp_finesse.session import Mirror
from mcp_finesse.session.actions.completion import Completion, Evaluation
from mcp_finesse.session.actions.outbound import (
    CallbackCancelled,
    CallbackScheduled,
    PreviewAccepted,
    PreviewGone,
    Reclassified,
)
from tests.mirrored import set_user

OWN, NOON, NUMBER = "4503", "2050-05-01T12:00", "2125550199"


def dialog(dialog_id: str = "7", state: str = "ACTIVE", mine: str = "ACTIVE", **fields: object) -> Dialog:
    return Dialog.model_validate(
        {"id": dialog_id, "state": state, "participants": [Participant(media_address=OWN, state=mine)]}
        | fields
    )


def outbound(dialog_id: str, call_type: str = "OUTBOUND") -> Dialog:
    return dialog(dialog_id, media_properties=MediaProperties(call_type=call_type))


def answered(response: str | None) -> Dialog:
    variables = [CallVariable(name="BAResponse", value=response)]
    return dialog(media_properties=MediaProperties(call_variables=variables))


def callback(time: str | None, number: str | None = None) -> Dialog:
    return dialog(scheduled_callback=ScheduledCallback(callback_time=time, callback_number=number))


def evaluate(completion: Completion, *dialogs: Dialog) -> Evaluation | None:
    mirror = Mirror("1003")
    set_user(mirror, User(id="1003", state="READY", extension=OWN))
    reading = mirror.begin_reading()
    mirror.merge_dialogs(dialogs, reading)
    mirror.end_reading(reading)
    return completion.evaluate(mirror)


def result(completion: Completion, *dialogs: Dialog) -> str:
    found = evaluate(completion, *dialogs)
    if found is None:
        return "nothing yet"
    if found.failed:
        return "failed"
    kind = "weak" if found.weak else "done"
    return f"{kind} {found.dialog_id}" + "".join(f" but {d.got!r}" for d in found.differences)


@pytest.mark.parametrize(
    ("dialogs", "expected"),
    [
        ([dialog(state="ALERTING", mine="ALERTING")], "nothing yet"),
        ([dialog(state="ACCEPTED", mine="ACCEPTED")], "done 7"),
        ([dialog(state="ALERTING", mine="ACCEPTED")], "done 7"),
        ([], "nothing yet"),
        ([outbound("8")], "done 8"),
        ([outbound("8", "ACD_IN")], "nothing yet"),
        ([outbound("old")], "nothing yet"),
        ([dialog("8")], "nothing yet"),
        ([dialog(state="ALERTING", mine="ALERTING"), outbound("8")], "nothing yet"),
    ],
)
def test_accept_is_proved_by_accepted_preview_or_customer_call(dialogs: list[Dialog], expected: str) -> None:
    assert result(PreviewAccepted("7", frozenset({"7", "old"})), *dialogs) == expected


@pytest.mark.parametrize(
    ("dialogs", "expected"),
    [
        ([dialog(state="ALERTING", mine="ALERTING")], "nothing yet"),
        ([dialog(state="DROPPED", mine="DROPPED")], "done 7"),
        ([], "done 7"),
    ],
)
def test_rejected_preview_is_proved_by_its_end(dialogs: list[Dialog], expected: str) -> None:
    assert result(PreviewGone("7"), *dialogs) == expected


@pytest.mark.parametrize(
    ("before", "dialogs", "expected"),
    [
        (None, [answered(None)], "nothing yet"),
        (None, [answered("FAX")], "done 7"),
        ("VOICE", [answered("VOICE")], "nothing yet"),
        ("VOICE", [answered("FAX")], "done 7"),
        ("FAX", [answered("FAX")], "done 7"),
        ("VOICE", [answered("fax")], "done 7"),
        ("VOICE", [answered("Fax machine")], "weak 7 but 'Fax machine'"),
        ("VOICE", [answered(None)], "nothing yet"),
        (None, [dialog()], "nothing yet"),
        (None, [], "weak 7"),
    ],
)
def test_reclassification_is_proved_by_its_call_variable(
    before: str | None, dialogs: list[Dialog], expected: str
) -> None:
    assert result(Reclassified("7", "FAX", before), *dialogs) == expected


@pytest.mark.parametrize(
    ("time", "number", "dialogs", "expected"),
    [
        (NOON, None, [dialog()], "nothing yet"),
        (NOON, None, [callback(NOON)], "done 7"),
        (NOON, None, [callback(f"{NOON}:00Z", NUMBER)], "done 7"),
        (NOON, None, [callback("2050-05-01T13:00")], "nothing yet"),
        (None, NUMBER, [callback(NOON)], "nothing yet"),
        (None, NUMBER, [callback(NOON, NUMBER)], "done 7"),
        (NOON, NUMBER, [callback(NOON, "1")], "nothing yet"),
        (NOON, None, [], "weak 7"),
    ],
)
def test_callback_is_proved_by_the_callback_fields_of_the_call(
    time: str | None, number: str | None, dialogs: list[Dialog], expected: str
) -> None:
    assert result(CallbackScheduled("7", time, number), *dialogs) == expected


@pytest.mark.parametrize(
    ("dialogs", "expected"),
    [
        ([dialog()], "done 7"),
        ([callback(None)], "done 7"),
        ([callback(NOON)], "nothing yet"),
        ([callback(None, NUMBER)], "nothing yet"),
        ([], "weak 7"),
    ],
)
def test_cancelled_callback_is_proved_by_absent_or_empty_callback(
    dialogs: list[Dialog], expected: str
) -> None:
    assert result(CallbackCancelled("7"), *dialogs) == expected
