"""Dialogs: every documented request body, byte by byte."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import CallAction
from mcp_finesse.rest import RestClient
from mcp_finesse.rest.api import dialogs
from tests.rest.support import scripted

Change = Callable[[RestClient], Awaitable[None]]


@pytest.mark.parametrize(
    ("change", "line", "body"),
    [
        (
            lambda client: dialogs.make_call(client, "1001", "4501", "4777", request_id="r-1"),
            "POST /finesse/api/User/1001/Dialogs",
            "<Dialog><requestedAction>MAKE_CALL</requestedAction><fromAddress>4501</fromAddress>"
            "<toAddress>4777</toAddress></Dialog>",
        ),
        (
            lambda client: dialogs.make_call(
                client, "1001", "4501", "4777", {"callVariable3": "a<b", "user.x[0]": ""}, request_id="r-1"
            ),
            "POST /finesse/api/User/1001/Dialogs",
            "<Dialog><requestedAction>MAKE_CALL</requestedAction><fromAddress>4501</fromAddress>"
            "<toAddress>4777</toAddress><mediaProperties><callvariables>"
            "<CallVariable><name>callVariable3</name><value>a&lt;b</value></CallVariable>"
            "<CallVariable><name>user.x[0]</name><value></value></CallVariable>"
            "</callvariables></mediaProperties></Dialog>",
        ),
        *(
            (
                lambda client, action=action: dialogs.take_action(
                    client, "33", action, "4501", request_id="r-1"
                ),
                "PUT /finesse/api/Dialog/33",
                f"<Dialog><requestedAction>{action}</requestedAction>"
                "<targetMediaAddress>4501</targetMediaAddress></Dialog>",
            )
            for action in ("ANSWER", "HOLD", "RETRIEVE", "DROP", "CONFERENCE", CallAction.TRANSFER)
        ),
        (
            lambda client: dialogs.consult_call(client, "33", "4777", "4501", request_id="r-1"),
            "PUT /finesse/api/Dialog/33",
            "<Dialog><requestedAction>CONSULT_CALL</requestedAction><toAddress>4777</toAddress>"
            "<targetMediaAddress>4501</targetMediaAddress></Dialog>",
        ),
        (
            lambda client: dialogs.blind_transfer(client, "33", "4777", "4501", request_id="r-1"),
            "PUT /finesse/api/Dialog/33",
            "<Dialog><requestedAction>TRANSFER_SST</requestedAction><toAddress>4777</toAddress>"
            "<targetMediaAddress>4501</targetMediaAddress></Dialog>",
        ),
        (
            lambda client: dialogs.send_dtmf(client, "33", "1234#", "4501", request_id="r-1"),
            "PUT /finesse/api/Dialog/33",
            "<Dialog><requestedAction>SEND_DTMF</requestedAction><targetMediaAddress>4501</targetMediaAddress>"
            "<actionParams><ActionParam><name>dtmfString</name><value>1234#</value></ActionParam></actionParams>"
            "</Dialog>",
        ),
        (
            lambda client: dialogs.update_call_data(
                client, "33", {"callVariable1": "7731"}, "Billing question", request_id="r-1"
            ),
            "PUT /finesse/api/Dialog/33",
            "<Dialog><requestedAction>UPDATE_CALL_DATA</requestedAction><mediaProperties>"
            "<wrapUpReason>Billing question</wrapUpReason><callvariables>"
            "<CallVariable><name>callVariable1</name><value>7731</value></CallVariable></callvariables>"
            "</mediaProperties></Dialog>",
        ),
        (
            lambda client: dialogs.update_call_data(client, "33", {}, "Sale", request_id="r-1"),
            "PUT /finesse/api/Dialog/33",
            "<Dialog><requestedAction>UPDATE_CALL_DATA</requestedAction><mediaProperties>"
            "<wrapUpReason>Sale</wrapUpReason></mediaProperties></Dialog>",
        ),
    ],
)
async def test_change_is_sent_as_documented_in_the_guide(change: Change, line: str, body: str) -> None:
    async with scripted() as (client, server):
        await change(client)

    (request,) = server.requests
    assert request.line == line
    assert request.body.decode() == body
    assert request.headers["requestId"] == "r-1"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: dialogs.make_call(c, "1001", "4501", " 4501", request_id="r"), "own extension"),
        (lambda c: dialogs.make_call(c, "1001", "4501", "", request_id="r"), "to_address is empty"),
        (lambda c: dialogs.make_call(c, "1001", "", "4777", request_id="r"), "from_address is empty"),
        (lambda c: dialogs.make_call(c, "1001", "1", "2", {"x": "y"}, request_id="r"), "'x' is not the name"),
        (lambda c: dialogs.take_action(c, "33", "EXPLODE", "4501", request_id="r"), "EXPLODE"),
        (lambda c: dialogs.take_action(c, "33", "HOLD", " ", request_id="r"), "extension is empty"),
        (lambda c: dialogs.take_action(c, "", "HOLD", "4501", request_id="r"), "not a valid id"),
        (lambda c: dialogs.consult_call(c, "33", "4501", "4501", request_id="r"), "own extension"),
        (lambda c: dialogs.blind_transfer(c, "33", " ", "4501", request_id="r"), "to_address"),
        (lambda c: dialogs.send_dtmf(c, "33", "hello", "4501", request_id="r"), "digits"),
        (lambda c: dialogs.update_call_data(c, "33", {}, request_id="r"), "No value to write"),
        (lambda c: dialogs.update_call_data(c, "33", {}, "x" * 40, request_id="r"), "limit is 39"),
        (lambda c: dialogs.update_call_data(c, "33", {"callVariable1": "\x07"}, request_id="r"), "control"),
    ],
)
async def test_invalid_dialog_request_is_not_sent(change: Change, words: str) -> None:
    async with scripted() as (client, server):
        with pytest.raises(InvalidRequestError, match=words):
            await change(client)

        assert server.requests == []
