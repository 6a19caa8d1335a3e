"""Every agent and supervisor REST function, with the request it must send."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from mcp_finesse.rest import RestClient
from mcp_finesse.rest.api import (
    codes,
    dialogs,
    media,
    outbound,
    phone_books,
    queues,
    supervision,
    tasks,
    team_messages,
    teams,
    tokens,
    users,
)

Ask = Callable[[RestClient], Awaitable[Any]]
API = "/finesse/api"


@dataclass(frozen=True)
class Call:
    """One call of a function and the request it must send.

    Attributes:
        function: its dotted name.
        line: method and target.
        body: the document, or empty.
    """

    function: str
    ask: Ask
    line: str
    body: str = ""

    def __str__(self) -> str:
        return f"{self.function}-{self.line}"


def _act(action: str, extra: str = "", extension: str = "4501") -> str:
    return (
        f"<Dialog><requestedAction>{action}</requestedAction>"
        f"<targetMediaAddress>{extension}</targetMediaAddress>{extra}</Dialog>"
    )


def _parameters(**values: str) -> str:
    items = "".join(
        f"<ActionParam><name>{name}</name><value>{value}</value></ActionParam>"
        for name, value in values.items()
    )
    return f"<actionParams>{items}</actionParams>"


_DIALOG = f"PUT {API}/Dialog/33"
_TASK = f"PUT {API}/Dialog/15_8_1"
_USER = f"PUT {API}/User/1001"
_MEDIA = f"PUT {API}/User/1001/Media/5001"

READS: tuple[Call, ...] = (
    Call("users.get_user", lambda c: users.get_user(c, "1001"), f"GET {API}/User/1001"),
    Call("users.get_user", lambda c: users.get_user(c, "ada é"), f"GET {API}/User/ada%20%C3%A9"),
    Call("users.get_dialogs", lambda c: users.get_dialogs(c, "1001"), f"GET {API}/User/1001/Dialogs"),
    Call(
        "users.get_media_dialogs",
        lambda c: users.get_media_dialogs(c, "1001", "5001"),
        f"GET {API}/User/1001/Media/5001/Dialogs",
    ),
    Call("queues.get_queue", lambda c: queues.get_queue(c, "77"), f"GET {API}/Queue/77"),
    Call("queues.get_queues", lambda c: queues.get_queues(c, "1001"), f"GET {API}/User/1001/Queues"),
    Call("teams.get_team", lambda c: teams.get_team(c, "310"), f"GET {API}/Team/310"),
    Call(
        "teams.get_team",
        lambda c: teams.get_team(c, "310", include_logged_out_agents=True),
        f"GET {API}/Team/310?includeLoggedOutAgents=true",
    ),
    Call(
        "teams.get_team",
        lambda c: teams.get_team(c, "310", include_logged_out_agents=False),
        f"GET {API}/Team/310?includeLoggedOutAgents=false",
    ),
    Call(
        "team_messages.get_team_messages",
        lambda c: team_messages.get_team_messages(c, "310"),
        f"GET {API}/Team/310/TeamMessages",
    ),
    Call("media.get_media_list", lambda c: media.get_media_list(c, "1001"), f"GET {API}/User/1001/Media"),
    Call("media.get_media_list", lambda c: media.get_media_list(c, "1002"), f"GET {API}/User/1002/Media"),
    Call(
        "codes.get_reason_codes",
        lambda c: codes.get_reason_codes(c, "1001", None, "LOGOUT"),
        f"GET {API}/User/1001/ReasonCodes?category=LOGOUT",
    ),
    Call(
        "codes.get_wrap_up_reasons",
        lambda c: codes.get_wrap_up_reasons(c, "1001", None),
        f"GET {API}/User/1001/WrapUpReasons",
    ),
    Call(
        "phone_books.get_phone_books",
        lambda c: phone_books.get_phone_books(c, "1001", None),
        f"GET {API}/User/1001/PhoneBooks",
    ),
    Call(
        "tokens.get_user_auth_mode",
        lambda c: tokens.get_user_auth_mode(c, "ada"),
        f"GET {API}/UserAuthMode/ada",
    ),
)

CHANGES: tuple[Call, ...] = (
    Call(
        "users.sign_in",
        lambda c: users.sign_in(c, "1001", "4501", request_id="r-1"),
        _USER,
        "<User><state>LOGIN</state><extension>4501</extension></User>",
    ),
    Call(
        "users.sign_in",
        lambda c: users.sign_in(c, "1001", "4501", "SEP00AA", platform="UCCE", request_id="r-1"),
        _USER,
        "<User><state>LOGIN</state><extension>4501</extension><activeDeviceId>SEP00AA</activeDeviceId></User>",
    ),
    *(
        Call(
            "users.sign_in_mobile",
            lambda c, mode=mode: users.sign_in_mobile(
                c, "1001", "4501", mode, "2125550188", request_id="r-1"
            ),
            _USER,
            f"<User><state>LOGIN</state><extension>4501</extension><mobileAgent><mode>{mode}</mode>"
            "<dialNumber>2125550188</dialNumber></mobileAgent></User>",
        )
        for mode in ("CALL_BY_CALL", "NAILED_CONNECTION")
    ),
    Call(
        "users.sign_out",
        lambda c: users.sign_out(c, "1001", 31, request_id="r-1"),
        _USER,
        "<User><state>LOGOUT</state><reasonCodeId>31</reasonCodeId></User>",
    ),
    Call(
        "users.change_state",
        lambda c: users.change_state(c, "1001", "READY", request_id="r-1"),
        _USER,
        "<User><state>READY</state></User>",
    ),
    *(
        Call(
            "supervision.change_agent_state",
            lambda c, state=state: supervision.change_agent_state(c, "1002", state, request_id="r-1"),
            f"PUT {API}/User/1002",
            f"<User><state>{state}</state></User>",
        )
        for state in ("READY", "NOT_READY", "LOGOUT")
    ),
    Call(
        "supervision.silent_monitor",
        lambda c: supervision.silent_monitor(c, "1000", "4500", "4501", request_id="r-1"),
        f"POST {API}/User/1000/Dialogs",
        "<Dialog><requestedAction>SILENT_MONITOR</requestedAction><fromAddress>4500</fromAddress>"
        "<toAddress>4501</toAddress></Dialog>",
    ),
    Call(
        "supervision.barge_call",
        lambda c: supervision.barge_call(c, "1000", "4500", "4501", "33", request_id="r-1"),
        f"POST {API}/User/1000/Dialogs",
        "<Dialog><requestedAction>BARGE_CALL</requestedAction><fromAddress>4500</fromAddress>"
        "<toAddress>4501</toAddress><associatedDialogUri>/finesse/api/Dialog/33</associatedDialogUri></Dialog>",
    ),
    Call(
        "supervision.drop_participant",
        lambda c: supervision.drop_participant(c, "33", "4502", request_id="r-1"),
        _DIALOG,
        _act("PARTICIPANT_DROP", extension="4502"),
    ),
    Call(
        "supervision.start_recording",
        lambda c: supervision.start_recording(c, "33", "4501", request_id="r-1"),
        _DIALOG,
        _act("START_RECORDING"),
    ),
    Call(
        "dialogs.make_call",
        lambda c: dialogs.make_call(
            c, "1001", "4501", "4777", {"user.x": "1"}, platform="UCCE", request_id="r-1"
        ),
        f"POST {API}/User/1001/Dialogs",
        "<Dialog><requestedAction>MAKE_CALL</requestedAction><fromAddress>4501</fromAddress>"
        "<toAddress>4777</toAddress><mediaProperties><callvariables><CallVariable><name>user.x</name>"
        "<value>1</value></CallVariable></callvariables></mediaProperties></Dialog>",
    ),
    *(
        Call(
            "dialogs.take_action",
            lambda c, action=action: dialogs.take_action(c, "33", action, "4501", request_id="r-1"),
            _DIALOG,
            _act(action),
        )
        for action in ("ANSWER", "HOLD", "RETRIEVE", "DROP", "CONFERENCE", "TRANSFER")
    ),
    Call(
        "dialogs.consult_call",
        lambda c: dialogs.consult_call(c, "33", "4777", "4501", request_id="r-1"),
        _DIALOG,
        "<Dialog><requestedAction>CONSULT_CALL</requestedAction><toAddress>4777</toAddress>"
        "<targetMediaAddress>4501</targetMediaAddress></Dialog>",
    ),
    Call(
        "dialogs.blind_transfer",
        lambda c: dialogs.blind_transfer(c, "33", "4777", "4501", request_id="r-1"),
        _DIALOG,
        "<Dialog><requestedAction>TRANSFER_SST</requestedAction><toAddress>4777</toAddress>"
        "<targetMediaAddress>4501</targetMediaAddress></Dialog>",
    ),
    Call(
        "dialogs.send_dtmf",
        lambda c: dialogs.send_dtmf(c, "33", "12#D", "4501", platform="UCCE", request_id="r-1"),
        _DIALOG,
        _act("SEND_DTMF", _parameters(dtmfString="12#D")),
    ),
    Call(
        "dialogs.update_call_data",
        lambda c: dialogs.update_call_data(
            c,
            "33",
            {"user.tags[2]": "vip", "user.tags[0]": ""},
            wrap_up_items=["Sale", "Gift"],
            request_id="r-1",
        ),
        _DIALOG,
        "<Dialog><requestedAction>UPDATE_CALL_DATA</requestedAction><mediaProperties><wrapUpItems>"
        "<wrapUpItem>Sale</wrapUpItem><wrapUpItem>Gift</wrapUpItem></wrapUpItems><callvariables>"
        "<CallVariable><name>user.tags[2]</name><value>vip</value></CallVariable>"
        "<CallVariable><name>user.tags[0]</name><value></value></CallVariable></callvariables>"
        "</mediaProperties></Dialog>",
    ),
    *(
        Call(
            "outbound.answer_preview",
            lambda c, action=action: outbound.answer_preview(c, "33", action, "4501", request_id="r-1"),
            _DIALOG,
            _act(action),
        )
        for action in ("ACCEPT", "CLOSE", "REJECT")
    ),
    *(
        Call(
            "outbound.reclassify",
            lambda c, word=word: outbound.reclassify(c, "33", word, "4501", request_id="r-1"),
            _DIALOG,
            _act("RECLASSIFY", _parameters(outboundClassification=word)),
        )
        for word in ("VOICE", "FAX", "ANS_MACHINE", "INVALID", "BUSY", "DO_NOT_CALL")
    ),
    Call(
        "outbound.schedule_callback",
        lambda c: outbound.schedule_callback(
            c, "33", "4501", "2130-05-01T14:30", "2125550101", request_id="r-1"
        ),
        _DIALOG,
        _act(
            "UPDATE_SCHEDULED_CALLBACK",
            _parameters(callbackTime="2130-05-01T14:30", callbackNumber="2125550101"),
        ),
    ),
    Call(
        "outbound.schedule_callback",
        lambda c: outbound.schedule_callback(c, "33", "4501", callback_number="2125550101", request_id="r-1"),
        _DIALOG,
        _act("UPDATE_SCHEDULED_CALLBACK", _parameters(callbackNumber="2125550101")),
    ),
    Call(
        "outbound.cancel_callback",
        lambda c: outbound.cancel_callback(c, "33", "4501", request_id="r-1"),
        _DIALOG,
        _act("CANCEL_SCHEDULED_CALLBACK"),
    ),
    *(
        Call(
            "tasks.take_action",
            lambda c, action=action: tasks.take_action(c, "15_8_1", action, request_id="r-1"),
            _TASK,
            f"<Dialog><requestedAction>{action}</requestedAction></Dialog>",
        )
        for action in ("ACCEPT", "START", "PAUSE", "RESUME", "WRAP_UP", "CLOSE")
    ),
    Call(
        "tasks.transfer",
        lambda c: tasks.transfer(c, "15_8_1", "8800", request_id="r-1"),
        _TASK,
        "<Dialog><requestedAction>TRANSFER</requestedAction><toAddress>8800</toAddress></Dialog>",
    ),
    Call(
        "media.sign_in",
        lambda c: media.sign_in(c, "1001", "5001", 3, "ACCEPT", "TRANSFER", request_id="r-1"),
        _MEDIA,
        "<Media><maxDialogLimit>3</maxDialogLimit><state>LOGIN</state><interruptAction>ACCEPT</interruptAction>"
        "<dialogLogoutAction>TRANSFER</dialogLogoutAction></Media>",
    ),
    Call(
        "media.sign_in",
        lambda c: media.sign_in(c, "1001", "5001", 10, "IGNORE", request_id="r-1"),
        _MEDIA,
        "<Media><maxDialogLimit>10</maxDialogLimit><state>LOGIN</state>"
        "<interruptAction>IGNORE</interruptAction></Media>",
    ),
    Call(
        "media.sign_out",
        lambda c: media.sign_out(c, "1001", "5001", request_id="r-1"),
        _MEDIA,
        "<Media><state>LOGOUT</state></Media>",
    ),
    Call(
        "media.change_state",
        lambda c: media.change_state(c, "1001", "5001", "READY", request_id="r-1"),
        _MEDIA,
        "<Media><state>READY</state></Media>",
    ),
    Call(
        "media.change_state",
        lambda c: media.change_state(c, "1001", "5001", "NOT_READY", 23, request_id="r-1"),
        _MEDIA,
        "<Media><state>NOT_READY</state><reasonCodeId>23</reasonCodeId></Media>",
    ),
    *(
        Call(
            "media.change_routable",
            lambda c, flag=flag: media.change_routable(c, "1001", "5001", flag, request_id="r-1"),
            _MEDIA,
            f"<Media><routable>{'true' if flag else 'false'}</routable></Media>",
        )
        for flag in (True, False)
    ),
    Call(
        "team_messages.create_team_message",
        lambda c: team_messages.create_team_message(c, "Plan B & C", ["34", "35"], 600, request_id="r-1"),
        f"POST {API}/TeamMessage",
        "<TeamMessage><duration>600</duration><content>Plan B &amp; C</content>"
        "<teams><team>34</team><team>35</team></teams></TeamMessage>",
    ),
    Call(
        "team_messages.delete_team_message",
        lambda c: team_messages.delete_team_message(c, "5f0c-1", request_id="r-1"),
        f"DELETE {API}/TeamMessage/5f0c-1",
    ),
)

TOKENS: tuple[Call, ...] = (
    Call(
        "tokens.fetch_access_token",
        lambda c: tokens.fetch_access_token(c, "ada@corp.test"),
        "GET /desktop/sso/token?cc_username=ada%40corp.test&return_user=yes&return_refresh_token=true",
    ),
    Call(
        "tokens.fetch_access_token",
        lambda c: tokens.fetch_access_token(c, "ada", return_user=False, return_refresh_token=False),
        "GET /desktop/sso/token?cc_username=ada&return_user=no&return_refresh_token=false",
    ),
    Call(
        "tokens.refresh_access_token",
        lambda c: tokens.refresh_access_token(c, SecretStr("a.b+c"), SecretStr("d&e")),
        "POST /desktop/sso/token",
        "token=a.b%2Bc&refresh-token=d%26e&return_user=yes",
    ),
    Call(
        "tokens.refresh_access_token",
        lambda c: tokens.refresh_access_token(c, SecretStr("a"), SecretStr("b"), return_user=False),
        "POST /desktop/sso/token",
        "token=a&refresh-token=b",
    ),
)
