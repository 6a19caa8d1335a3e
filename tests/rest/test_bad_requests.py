"""Requests rejected before sending: missing, empty, too long, wrong type or unknown values."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.rest.api import (
    codes,
    dialogs,
    media,
    outbound,
    queues,
    supervision,
    tasks,
    team_messages,
    teams,
    tokens,
    users,
)
from tests.rest.calls import Ask
from tests.rest.support import scripted

NOTHING: Any = None
NUMBER: Any = 4501
LIST: Any = ["x"]


def rid(**more: Any) -> dict[str, Any]:
    return {"request_id": "r-1", **more}


USERS: list[tuple[Ask, str]] = [
    (lambda c: users.get_user(c, ""), "'' is not a valid id"),
    (lambda c: users.get_user(c, ".."), r"'\.\.' is not a valid id"),
    (lambda c: users.get_media_dialogs(c, "1001", ""), "not a valid id"),
    (lambda c: users.sign_in(c, "1001", NOTHING, **rid()), "extension is missing, not text"),
    (lambda c: users.sign_in(c, "1001", NUMBER, **rid()), "extension is of type int, not text"),
    (lambda c: users.sign_in(c, "1001", " ", **rid()), "extension is empty"),
    (lambda c: users.sign_in(c, "1001", "45é1", **rid()), "cannot be dialed"),
    (lambda c: users.sign_in(c, "1001", "+13125550142", **rid(platform="UCCE")), r"E\.164.*UCCE"),
    (
        lambda c: users.sign_in(c, "1001", "+" + "1" * 15, **rid(platform="UCCX")),
        "16 characters.*limit is 15",
    ),
    (lambda c: users.sign_in(c, "1001", "4501", " ", **rid()), "active_device_id is empty"),
    (
        lambda c: users.sign_in_mobile(c, "1001", "4501", "HOME", "555", **rid()),
        "mode is 'HOME'.*CALL_BY_CALL",
    ),
    (lambda c: users.sign_in_mobile(c, "1001", "4501", NOTHING, "555", **rid()), "mode is 'None'"),
    (
        lambda c: users.sign_in_mobile(c, "1001", "4501", "CALL_BY_CALL", "", **rid()),
        "dial_number is empty",
    ),
    (lambda c: users.sign_in_mobile(c, "1001", "", "CALL_BY_CALL", "555", **rid()), "extension is empty"),
    (lambda c: users.sign_out(c, "1001", -1, **rid()), "-1, which means no reason"),
    (lambda c: users.sign_out(c, "1001", -2, **rid()), "reason_code_id is -2; it must be at least 0"),
    (lambda c: users.change_state(c, "1001", "NOT_READY", LIST, **rid()), "reason_code_id is of type list"),
    (lambda c: users.change_state(c, "1001", "NOT_READY", True, **rid()), "reason_code_id is of type bool"),
    (lambda c: users.change_state(c, "1001", LIST, **rid()), "cannot be requested"),
    (lambda c: users.change_state(c, "1001", "RESERVED", **rid()), "'RESERVED' cannot be requested"),
    (lambda c: codes.get_reason_codes(c, "1001", "310", "ALL"), "category is 'ALL'"),
    (lambda c: codes.get_reason_codes(c, "1001", "310", NOTHING), "category is 'None'"),
]

DIALOGS: list[tuple[Ask, str]] = [
    (lambda c: dialogs.make_call(c, "1001", "4501", NOTHING, **rid()), "to_address is missing"),
    (lambda c: dialogs.make_call(c, "1001", "4501", NUMBER, **rid()), "to_address is of type int"),
    (lambda c: dialogs.make_call(c, "1001", "4501", "4501", **rid()), "own extension"),
    (
        lambda c: dialogs.make_call(c, "1001", "4501", "2", {"callVariable1": "x"}, **rid(platform="UCCX")),
        "UCCX does not accept call variables",
    ),
    (lambda c: dialogs.make_call(c, "1001", "4501", "2", LIST, **rid()), "variables is not a list of names"),
    (
        lambda c: dialogs.make_call(c, "1001", "4501", "2", {"callVariable1": NOTHING}, **rid()),
        "callVariable1 is missing, not text",
    ),
    (
        lambda c: dialogs.make_call(c, "1001", "4501", "2", {"user.x": NUMBER}, **rid()),
        "user.x is of type int",
    ),
    (
        lambda c: dialogs.make_call(c, "1001", "4501", "2", {NUMBER: "x"}, **rid()),
        "the name of a call variable is of type int",
    ),
    (
        lambda c: dialogs.make_call(
            c, "1001", "4501", "2", {"user.x[3]": "é" * 21}, **rid(ecc_lengths={"user.x": 40})
        ),
        r"user\.x\[3\] has 42 bytes.*limit is 40",
    ),
    (
        lambda c: dialogs.update_call_data(c, "33", {"user.y": "y" * 211}, **rid(ecc_lengths={"user.x": 40})),
        "user.y has 211 bytes.*limit is 210",
    ),
    (
        lambda c: dialogs.update_call_data(
            c, "33", {f"user.a[{index}]": "x" * 200 for index in range(10)}, **rid()
        ),
        "take 2090 bytes with their names; the limit is 2000",
    ),
    (lambda c: dialogs.take_action(c, "33", "UPDATE_CALL_DATA", "4501", **rid()), "UPDATE_CALL_DATA"),
    (lambda c: dialogs.take_action(c, "33", NOTHING, "4501", **rid()), "'None'"),
    (lambda c: dialogs.take_action(c, "33", "HOLD", NOTHING, **rid()), "extension is missing"),
    (lambda c: dialogs.consult_call(c, "33", "", "4501", **rid()), "to_address is empty"),
    (lambda c: dialogs.consult_call(c, "33", "4777", NUMBER, **rid()), "extension is of type int"),
    (lambda c: dialogs.blind_transfer(c, "33", "4501", " 4501 ", **rid()), "own extension"),
    (lambda c: dialogs.send_dtmf(c, "33", NUMBER, "4501", **rid()), "digits is of type int"),
    (lambda c: dialogs.send_dtmf(c, "33", "", "4501", **rid()), "`digits` contains"),
    (lambda c: dialogs.send_dtmf(c, "33", "1A", "4501", **rid(platform="UCCX")), "letter, which UCCX"),
    (
        lambda c: dialogs.update_call_data(c, "33", {"user.x": "a", "user.x[0]": "b"}, **rid()),
        "'user.x' is written as a scalar and as an array",
    ),
    (
        lambda c: dialogs.update_call_data(c, "33", {"user.x[1]": "a", "user.x": "b"}, **rid()),
        "as a scalar and as an array",
    ),
    (lambda c: dialogs.update_call_data(c, "33", {"BAStatus": "x"}, **rid()), "outbound dialer"),
    (lambda c: dialogs.update_call_data(c, "33", {}, "é" * 20, **rid()), "40 bytes.*limit is 39"),
    (lambda c: dialogs.update_call_data(c, "33", {}, NUMBER, **rid()), "wrap_up_reason is of type int"),
    (
        lambda c: dialogs.update_call_data(c, "33", {}, wrap_up_items=["a", ""], **rid()),
        "wrap_up_reason is empty",
    ),
    (
        lambda c: dialogs.update_call_data(c, "33", {}, wrap_up_items=["a", "b"], **rid(platform="UCCE")),
        "UCCE accepts only one wrap-up reason",
    ),
]

SUPERVISION: list[tuple[Ask, str]] = [
    (
        lambda c: supervision.change_agent_state(c, "1002", "TALKING", **rid()),
        "'TALKING' cannot be requested",
    ),
    (lambda c: supervision.change_agent_state(c, "", "READY", **rid()), "not a valid id"),
    (lambda c: supervision.silent_monitor(c, "1000", "4500", "", **rid()), "to_address is empty"),
    (lambda c: supervision.silent_monitor(c, "1000", "4500", "4500", **rid()), "own extension"),
    (lambda c: supervision.silent_monitor(c, "1000", NOTHING, "4501", **rid()), "from_address is missing"),
    (lambda c: supervision.barge_call(c, "1000", "4500", "4500", "33", **rid()), "own extension"),
    (lambda c: supervision.barge_call(c, "1000", "4500", "4501", "", **rid()), "not a valid id"),
    (lambda c: supervision.drop_participant(c, "33", "", **rid()), "participant_address is empty"),
    (lambda c: supervision.drop_participant(c, "33", NUMBER, **rid()), "participant_address is of type int"),
    (lambda c: supervision.start_recording(c, "33", "é", **rid()), "cannot be dialed"),
]

OUTBOUND: list[tuple[Ask, str]] = [
    (lambda c: outbound.answer_preview(c, "33", "ANSWER", "4501", **rid()), "action is 'ANSWER'.*REJECT"),
    (lambda c: outbound.answer_preview(c, "33", NOTHING, "4501", **rid()), "action is 'None'"),
    (lambda c: outbound.answer_preview(c, "33", "ACCEPT", "", **rid()), "extension is empty"),
    (lambda c: outbound.reclassify(c, "33", "voice", "4501", **rid()), "classification is 'voice'.*VOICE"),
    (lambda c: outbound.reclassify(c, "33", "x" * 99, "4501", **rid()), r"x{40}\.\.\.'"),
    (lambda c: outbound.schedule_callback(c, "33", "4501", **rid()), "No value to schedule"),
    (lambda c: outbound.schedule_callback(c, "33", "4501", "", **rid()), "callback_time is ''"),
    (lambda c: outbound.schedule_callback(c, "33", "4501", NUMBER, **rid()), "callback_time is of type int"),
    (lambda c: outbound.schedule_callback(c, "33", "4501", None, "", **rid()), "callback_number is empty"),
    (lambda c: outbound.schedule_callback(c, "33", "", None, "555", **rid()), "extension is empty"),
    (lambda c: outbound.cancel_callback(c, "33", NOTHING, **rid()), "extension is missing"),
]

TASKS: list[tuple[Ask, str]] = [
    (lambda c: tasks.take_action(c, "15_8_1", "HOLD", **rid()), "action is 'HOLD'.*ACCEPT"),
    (lambda c: tasks.take_action(c, "15_8_1", NOTHING, **rid()), "action is 'None'"),
    (lambda c: tasks.take_action(c, "33100421", "ACCEPT", **rid()), "33100421 is a call, not a task"),
    (lambda c: tasks.take_action(c, "", "ACCEPT", **rid()), "not a valid id"),
    (lambda c: tasks.take_action(c, NUMBER, "ACCEPT", **rid()), "'4501' is not a valid id"),
    (lambda c: tasks.transfer(c, "15_8_1", "", **rid()), "to_address is empty"),
    (lambda c: tasks.transfer(c, "33100421", "8800", **rid()), "is a call"),
]

MEDIA: list[tuple[Ask, str]] = [
    (
        lambda c: media.sign_in(c, "1001", "1", 3, "ACCEPT", **rid()),
        "media_id 1 is voice",
    ),
    (lambda c: media.sign_in(c, "1001", "5001", 0, "ACCEPT", **rid()), "max_dialog_limit is 0.*1 to 10"),
    (lambda c: media.sign_in(c, "1001", "5001", 11, "ACCEPT", **rid()), "max_dialog_limit is 11.*1 to 10"),
    (lambda c: media.sign_in(c, "1001", "5001", LIST, "ACCEPT", **rid()), "max_dialog_limit is of type list"),
    (lambda c: media.sign_in(c, "1001", "5001", 3, "accept", **rid()), "interrupt_action is 'accept'"),
    (
        lambda c: media.sign_in(c, "1001", "5001", 3, "ACCEPT", "DROP", **rid()),
        "dialog_logout_action is 'DROP'.*CLOSE, TRANSFER",
    ),
    (lambda c: media.sign_out(c, "1001", "5001", -1, **rid()), "no reason"),
    (lambda c: media.change_state(c, "1001", "5001", "LOGIN", **rid()), "state is 'LOGIN'.*READY"),
    (lambda c: media.change_state(c, "1001", "5001", "READY", 23, **rid()), "READY takes no reason"),
    (lambda c: media.change_routable(c, "1001", "5001", NUMBER, **rid()), "routable is of type int"),
    (lambda c: media.change_routable(c, "1001", "", True, **rid()), "not a valid id"),
]

TEAMS: list[tuple[Ask, str]] = [
    (lambda c: teams.get_team(c, ""), "not a valid id"),
    (
        lambda c: teams.get_team(c, "310", include_logged_out_agents=NUMBER),
        "is of type int, not true or false",
    ),
    (lambda c: queues.get_queue(c, "."), "not a valid id"),
    (lambda c: queues.get_queues(c, " "), "not a valid id"),
    (
        lambda c: team_messages.create_team_message(c, "x" * 256, ["34"], 60, **rid()),
        "content has 256 characters; the limit is 255",
    ),
    (lambda c: team_messages.create_team_message(c, " ", ["34"], 60, **rid()), "content is empty"),
    (lambda c: team_messages.create_team_message(c, NUMBER, ["34"], 60, **rid()), "content is of type int"),
    (lambda c: team_messages.create_team_message(c, "x", [], 60, **rid()), "teams is empty"),
    (lambda c: team_messages.create_team_message(c, "x", "34", 60, **rid()), "teams is empty or not a list"),
    (
        lambda c: team_messages.create_team_message(c, "x", NUMBER, 60, **rid()),
        "teams is empty or not a list",
    ),
    (lambda c: team_messages.create_team_message(c, "x", [" "], 60, **rid()), "teams is empty"),
    (lambda c: team_messages.create_team_message(c, "x", ["34"], 0, **rid()), "duration is 0.*at least 1"),
    (lambda c: team_messages.create_team_message(c, "x", ["34"], LIST, **rid()), "duration is of type list"),
    (lambda c: team_messages.delete_team_message(c, "", **rid()), "not a valid id"),
]

OTHERS: list[tuple[Ask, str]] = [
    (lambda c: tokens.get_user_auth_mode(c, ""), "not a valid id"),
    (lambda c: tokens.fetch_access_token(c, " "), "login_name is empty"),
    (lambda c: tokens.refresh_access_token(c, SecretStr(""), SecretStr("b")), "token is empty"),
    (lambda c: tokens.refresh_access_token(c, SecretStr("a"), SecretStr("")), "refresh_token is empty"),
]


@pytest.mark.parametrize(
    ("ask", "words"), [*USERS, *DIALOGS, *SUPERVISION, *OUTBOUND, *TASKS, *MEDIA, *TEAMS, *OTHERS]
)
async def test_invalid_request_names_the_argument_and_is_not_sent(ask: Ask, words: str) -> None:
    async with scripted() as (client, server):
        with pytest.raises(InvalidRequestError, match=words) as caught:
            await ask(client)

        assert caught.value.advice
        assert server.requests == []
