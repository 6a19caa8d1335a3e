"""Test users and calls over real sockets: from the bodies on the wire to the contact center."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mcp_finesse.simulator.server import Simulator
from tests.simulator.support_rest import Client, client_of, error, until, xml

CALL = "<Dialog><requestedAction>MAKE_CALL</requestedAction><fromAddress>4501</fromAddress>{}</Dialog>"


def action(name: str, more: str = "", target: str = "4501") -> str:
    return (
        f"<Dialog><requestedAction>{name}</requestedAction>"
        f"<targetMediaAddress>{target}</targetMediaAddress>{more}</Dialog>"
    )


def update(properties: str) -> str:
    return (
        "<Dialog><requestedAction>UPDATE_CALL_DATA</requestedAction>"
        f"<mediaProperties>{properties}</mediaProperties></Dialog>"
    )


def variable(name: str, value: str) -> str:
    pair = f"<CallVariable><name>{name}</name><value>{value}</value></CallVariable>"
    return f"<callvariables>{pair}</callvariables>"


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator() as simulator:
        yield simulator


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[Client]:
    async with client_of(simulator) as client:
        yield client


@pytest.fixture
async def dialog_id(simulator: Simulator, client: Client) -> str:
    """Connect agent 1001 to a customer."""
    await client.sign_in("4501")
    await client.put("User/1001", "<User><state>READY</state></User>")
    await until(lambda: simulator.center.truth()["users"]["1001"]["state"] == "READY")
    dialog_id = simulator.center.customers.call("8800", "+13125550142")
    assert (await client.put(f"Dialog/{dialog_id}", action("ANSWER"))).status_code == 202
    await until(lambda: simulator.center.truth()["users"]["1001"]["state"] == "TALKING")
    return dialog_id


class TestUser:
    async def test_user_who_never_signed_in_has_empty_fields(self, client: Client) -> None:
        user = xml(await client.get("User/1001"))
        assert user.tag == "User"
        fields = ("state", "extension", "stateChangeTime", "reasonCodeId", "teamName")
        assert [user.findtext(name) for name in fields] == ["LOGOUT", "", "", "-1", "North"]

    async def test_user_signs_in_changes_state_and_signs_out(
        self, simulator: Simulator, client: Client
    ) -> None:
        await client.sign_in("4501")
        for body, state in (
            ("<User><state>READY</state></User>", "READY"),
            ("<User><state>NOT_READY</state><reasonCodeId>23</reasonCodeId></User>", "NOT_READY"),
            ("<User><state>LOGOUT</state><reasonCodeId>31</reasonCodeId></User>", "LOGOUT"),
        ):
            assert (await client.put("User/1001", body)).status_code == 202
            await until(lambda: simulator.center.truth()["users"]["1001"]["state"] == state)  # noqa: B023
        assert xml(await client.get("User/1001")).findtext("ReasonCode/label") == "End of shift"

    async def test_sign_in_as_mobile_agent_and_on_a_device_of_a_shared_line_succeeds(
        self, simulator: Simulator
    ) -> None:
        mobile = "<mobileAgent><mode>CALL_BY_CALL</mode><dialNumber>2125550188</dialNumber></mobileAgent>"
        for user_id, extension, more in (
            ("1003", "4503", mobile),
            ("2003", "4523", "<activeDeviceId>CSFGLUND</activeDeviceId>"),
        ):
            body = f"<User><state>LOGIN</state><extension>{extension}</extension>{more}</User>"
            async with client_of(simulator, user_id) as client:
                assert (await client.put(f"User/{user_id}", body)).status_code == 202
                await until(lambda: simulator.center.truth()["users"][user_id]["state"] == "NOT_READY")  # noqa: B023
        assert simulator.center.truth()["users"]["1003"]["mobileAgent"] == "CALL_BY_CALL"
        assert simulator.center.truth()["users"]["2003"]["activeDeviceId"] == "CSFGLUND"

    @pytest.mark.parametrize(
        ("path", "body", "refused"),
        [
            ("User/1001", "", (400, "Bad Request")),
            ("User/1001", "<user/>", (400, "Bad Request")),
            ("User/1001", "<User/>", (400, "Parameter Missing")),
            ("User/1001", "<User><state>DANCING</state></User>", (400, "Invalid Input")),
            ("User/1001", "<User><state>LOGIN</state></User>", (400, "Parameter Missing")),
            ("User/1001", "<User><state>NOT_READY</state></User>", (400, "Parameter Missing")),
            ("User/1002", "<User><state>READY</state></User>", (401, "Invalid Authorization User Specified")),
            ("User/9999", "<User><state>READY</state></User>", (404, "User Not Found")),
        ],
    )
    async def test_invalid_user_request_is_rejected(
        self, client: Client, path: str, body: str, refused: tuple[int, str]
    ) -> None:
        assert error(await client.put(path, body))[:2] == refused

    async def test_agent_can_read_only_the_own_user(self, client: Client) -> None:
        for path in ("User/1002", "User/1002/Dialogs"):
            assert error(await client.get(path))[:2] == (401, "Invalid Authorization User Specified")
        assert error(await client.get("User/9999")) == (404, "User Not Found", "UNKNOWN_USER", "4023")


class TestDialogs:
    async def test_user_without_calls_has_an_empty_list(self, client: Client) -> None:
        answer = await client.get("User/1001/Dialogs")
        assert (answer.status_code, answer.text) == (200, "<Dialogs/>")

    async def test_call_is_shown_in_the_list_and_by_itself(self, client: Client, dialog_id: str) -> None:
        (listed,) = xml(await client.get("User/1001/Dialogs"))
        single = xml(await client.get(f"Dialog/{dialog_id}"))
        assert (listed.tag, single.tag) == ("Dialog", "Dialog")
        assert listed.findtext("id") == single.findtext("id") == dialog_id
        assert single.findtext("mediaProperties/queueName") == "North.Sales"

    async def test_unknown_dialog_is_not_found(self, client: Client) -> None:
        refused = error(await client.get("Dialog/1"))
        assert refused == (404, "Dialog Not Found", "Invalid dialogId specified for dialog", "1")

    async def test_dialog_of_another_user_is_rejected(self, simulator: Simulator, dialog_id: str) -> None:
        async with client_of(simulator, "1002") as stranger:
            refused = error(await stranger.get(f"Dialog/{dialog_id}"))
        assert refused[:2] == (401, "Invalid Authorization User Specified")

    async def test_hold_changes_the_state_of_the_agent(
        self, simulator: Simulator, client: Client, dialog_id: str
    ) -> None:
        assert (await client.put(f"Dialog/{dialog_id}", action("HOLD"), "id-1")).status_code == 202
        await until(lambda: simulator.center.truth()["users"]["1001"]["state"] == "HOLD")

    async def test_consult_adds_a_second_dialog(
        self, simulator: Simulator, client: Client, dialog_id: str
    ) -> None:
        consult = action("CONSULT_CALL", "<toAddress>2125550100</toAddress>")
        assert (await client.put(f"Dialog/{dialog_id}", consult)).status_code == 202
        await until(lambda: len(simulator.center.truth()["users"]["1001"]["dialogs"]) == 2)

    async def test_digits_are_accepted_and_required(self, client: Client, dialog_id: str) -> None:
        parameter = "<ActionParam><name>dtmfString</name><value>12#</value></ActionParam>"
        digits = f"<actionParams>{parameter}</actionParams>"
        path = f"Dialog/{dialog_id}"
        assert (await client.put(path, action("SEND_DTMF", digits))).status_code == 202
        assert error(await client.put(path, action("SEND_DTMF")))[3] == "dtmfString"

    async def test_call_data_and_wrap_up_reason_are_updated(
        self, simulator: Simulator, client: Client, dialog_id: str
    ) -> None:
        body = update("<wrapUpReason>Sale</wrapUpReason>" + variable("user.note", "A &amp; B &lt;Ltd&gt;"))
        assert (await client.put(f"Dialog/{dialog_id}", body)).status_code == 202
        await until(lambda: simulator.center.truth()["dialogs"][dialog_id]["wrapUpReason"] == "Sale")
        variables = simulator.center.truth()["dialogs"][dialog_id]["callvariables"]
        assert variables == {"user.note": "A & B <Ltd>"}

    @pytest.mark.parametrize(
        ("body", "refused"),
        [
            ("<Dialog/>", (400, "Parameter Missing")),
            (action("DANCE"), (400, "Invalid Input")),
            (action("HOLD", target="4777"), (400, "Invalid Input")),
            (action("TRANSFER_SST"), (400, "Parameter Missing")),
            (action("UPDATE_CALL_DATA"), (400, "Parameter Missing")),
            (update(""), (400, "Parameter Missing")),
            (update(variable("user.none", "x")), (400, "Invalid Input")),
            (update(variable("BAStatus", "x")), (400, "Invalid Input")),
            (update("<wrapUpItems><wrapUpItem>a</wrapUpItem></wrapUpItems>"), (400, "Invalid Input")),
        ],
    )
    async def test_invalid_action_is_rejected(
        self, client: Client, dialog_id: str, body: str, refused: tuple[int, str]
    ) -> None:
        assert error(await client.put(f"Dialog/{dialog_id}", body))[:2] == refused


async def test_supervisor_monitors_and_barges_into_a_call(simulator: Simulator, dialog_id: str) -> None:
    async with client_of(simulator, "1000") as dana:
        await dana.sign_in("4500")
        await until(lambda: simulator.center.truth()["users"]["1000"]["state"] == "NOT_READY")
        calls = simulator.center.state.calls
        addresses = "<fromAddress>4500</fromAddress><toAddress>4501</toAddress>"
        body = f"<Dialog><requestedAction>SILENT_MONITOR</requestedAction>{addresses}</Dialog>"
        assert (await dana.send("POST", "User/1000/Dialogs", body)).status_code == 202
        await until(lambda: any(call.monitors and call.state == "ACTIVE" for call in calls.values()))
        (monitor,) = simulator.center.truth()["users"]["1000"]["dialogs"]
        uri = f"<associatedDialogUri>/finesse/api/Dialog/{monitor}</associatedDialogUri>"
        body = f"<Dialog><requestedAction>BARGE_CALL</requestedAction>{addresses}{uri}</Dialog>"
        assert (await dana.send("POST", "User/1000/Dialogs", body)).status_code == 202
        await until(lambda: simulator.center.truth()["users"]["1000"]["dialogs"] == [dialog_id])
        assert error(await dana.send("POST", "User/1000/Dialogs", body))[:2] == (400, "Invalid Input")


class TestMakeCall:
    async def test_make_call_sets_call_variables(self, simulator: Simulator, client: Client) -> None:
        await client.sign_in("4501")
        await until(lambda: simulator.center.truth()["users"]["1001"]["state"] == "NOT_READY")
        properties = f"<mediaProperties>{variable('callVariable3', 'gold')}</mediaProperties>"
        body = CALL.format(f"<toAddress>2125550100</toAddress>{properties}")
        assert (await client.send("POST", "User/1001/Dialogs", body)).status_code == 202
        await until(lambda: bool(simulator.center.truth()["dialogs"]))
        (dialog,) = simulator.center.truth()["dialogs"].values()
        assert dialog["callvariables"] == {"callVariable3": "gold"}

    @pytest.mark.parametrize(
        ("path", "body", "refused"),
        [
            ("User/1001/Dialogs", "<Dialog/>", (400, "Parameter Missing")),
            (
                "User/1001/Dialogs",
                "<Dialog><requestedAction>DANCE</requestedAction></Dialog>",
                (400, "Invalid Input"),
            ),
            ("User/1001/Dialogs", CALL.format(""), (400, "Parameter Missing")),
            (
                "User/1001/Dialogs",
                CALL.format("<toAddress>4502</toAddress>"),  # signed out: the extension is not the agent's
                (401, "Invalid Authorization User Specified"),
            ),
            (
                "User/1002/Dialogs",
                CALL.format("<toAddress>4503</toAddress>"),
                (401, "Invalid Authorization User Specified"),
            ),
        ],
    )
    async def test_invalid_make_call_is_rejected(
        self, client: Client, path: str, body: str, refused: tuple[int, str]
    ) -> None:
        assert error(await client.send("POST", path, body))[:2] == refused
