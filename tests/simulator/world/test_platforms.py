"""Differences between Unified CCE and Unified CCX. Other tests cover each rule in its place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import Platform, SimulatorSettings
from mcp_finesse.simulator.world.platforms import PLATFORMS
from tests.simulator.support import Stage
from tests.simulator.support_rest import Client, client_of, error, until, xml

CUSTOMER = "+13125550142"


@pytest.mark.parametrize(
    ("name", "ucce", "uccx"),
    [
        ("hold_shows", True, False),
        ("direct_calls_show", True, False),
        ("work_ready", True, False),
        ("queue_and_media_feeds", True, False),
        ("drops_participants", True, False),
        ("records", False, True),
        ("mobile_agents", True, False),
        ("user_auth_mode", True, False),
        ("wrap_up_items", False, True),
        ("call_variables_on_make_call", True, False),
        ("logins_everywhere", False, True),
        ("e164_extensions", False, True),
        ("team_media_state", False, True),
        ("not_talking_code", "13145", "88049"),
        ("off_hook_code", 50006, 32762),
    ],
)
def test_platform_rules_differ(name: str, ucce: object, uccx: object) -> None:
    assert (getattr(PLATFORMS["UCCE"], name), getattr(PLATFORMS["UCCX"], name)) == (ucce, uccx)


@pytest.mark.parametrize(("platform", "code"), [("UCCE", 50006), ("UCCX", 32762)])
def test_off_hook_reason_code_depends_on_the_platform(platform: str, code: int) -> None:
    stage = Stage(platform=platform)
    stage.sign_in("1001", ready=True)
    stage.center.colleague("1001").make_call("2125550101")
    stage.settle()
    assert stage.user("1001") == stage.user("1001") | {"state": "NOT_READY", "reasonCode": code}


@pytest.mark.parametrize(("platform", "summaries"), [("UCCE", []), ("UCCX", ["ERROR Generic Error 3"])])
def test_dtmf_letters_are_rejected_on_ccx(platform: str, summaries: list[str]) -> None:
    stage = Stage(platform=platform)
    stage.act("1001", "SEND_DTMF", stage.talking(), digits="12A")
    assert stage.summaries() == summaries


@pytest.fixture(params=["UCCE", "UCCX"])
async def simulator(request: pytest.FixtureRequest) -> AsyncIterator[Simulator]:
    platform: Platform = request.param
    async with Simulator(SimulatorSettings(platform=platform)) as simulator:
        yield simulator


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[Client]:
    async with client_of(simulator) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "on_uccx"),
    [
        ("User/1001/Media", 501),
        ("User/1001/Media/5001", 501),
        ("User/1001/Media/5001/Dialogs", 501),
        ("MediaDomain", 501),
        ("UserAuthMode/1001", 501),
        ("User/1001/Queues", 200),
        ("Queue/77", 200),
        ("Team/310/TeamMessages", 200),
        ("User/1001", 200),
    ],
)
async def test_resources_unavailable_on_ccx_are_not_implemented(
    simulator: Simulator, client: Client, path: str, on_uccx: int
) -> None:
    answer = await client.get(path)
    assert answer.status_code == (on_uccx if simulator.settings.platform == "UCCX" else 200)
    assert answer.status_code == 200 or error(answer)[1] == "Not Implemented"


async def test_login_names_in_paths_are_accepted_everywhere_on_ccx(
    simulator: Simulator, client: Client
) -> None:
    assert xml(await client.get("User/aokoro")).findtext("loginId") == "1001"
    dialogs = await client.get("User/aokoro/Dialogs")
    assert dialogs.status_code == (200 if simulator.settings.platform == "UCCX" else 404)


async def test_several_wrap_up_reasons_and_call_keys_depend_on_the_platform(
    simulator: Simulator, client: Client
) -> None:
    ada = simulator.center.colleague("1001")
    ada.sign_in()
    ada.change_state("READY")
    await until(lambda: simulator.center.truth()["users"]["1001"]["state"] == "READY")
    dialog_id = simulator.center.customers.call("8800", CUSTOMER)
    ada.act("ANSWER", dialog_id)
    await until(lambda: simulator.center.truth()["users"]["1001"]["state"] == "TALKING")
    items = "<wrapUpItem>Sale</wrapUpItem><wrapUpItem>Complaint</wrapUpItem>"
    body = (
        "<Dialog><requestedAction>UPDATE_CALL_DATA</requestedAction><mediaProperties>"
        f"<wrapUpItems>{items}</wrapUpItems></mediaProperties></Dialog>"
    )
    answer = await client.put(f"Dialog/{dialog_id}", body)
    properties = "mediaProperties/wrapUpItems/wrapUpItem"
    if simulator.settings.platform == "UCCE":
        assert error(answer)[1:2] == ("Invalid Input",)
        dialog = xml(await client.get(f"Dialog/{dialog_id}"))
        assert dialog.findtext("mediaProperties/callKeyCallId") == "1"
        return
    await until(lambda: bool(simulator.center.truth()["dialogs"][dialog_id]["wrapUpItems"]))
    dialog = xml(await client.get(f"Dialog/{dialog_id}"))
    assert [item.text for item in dialog.iterfind(properties)] == ["Sale", "Complaint"]
    assert dialog.find("mediaProperties/callKeyCallId") is None
    too_long = body.replace("Sale", "x" * 41)
    variable = "<CallVariable><name>callVariable1</name><value>later</value></CallVariable>"
    later = body.replace(f"<wrapUpItems>{items}</wrapUpItems>", f"<callvariables>{variable}</callvariables>")
    for each in (too_long, later):
        assert (await client.put(f"Dialog/{dialog_id}", each)).status_code == 202

    def dialog_now() -> dict[str, Any]:
        return dict(simulator.center.truth()["dialogs"][dialog_id])

    # Requests are carried out in order: after the later one, the one that is too long has changed nothing.
    await until(lambda: dialog_now()["callvariables"].get("callVariable1") == "later")
    assert dialog_now()["wrapUpItems"] == ["Sale", "Complaint"]


@pytest.mark.parametrize(
    "properties",
    ["<mediaProperties/>", "<mediaProperties><wrapUpReason>Sale</wrapUpReason></mediaProperties>"],
)
async def test_make_call_on_ccx_rejects_any_media_properties(properties: str) -> None:
    settings = SimulatorSettings(platform="UCCX")
    async with Simulator(settings) as simulator, client_of(simulator) as client:
        await client.sign_in("4501")
        await until(lambda: simulator.center.state.agents["1001"].signed_in)
        body = (
            "<Dialog><requestedAction>MAKE_CALL</requestedAction><fromAddress>4501</fromAddress>"
            f"<toAddress>2125550100</toAddress>{properties}</Dialog>"
        )
        answer = await client.send("POST", "User/1001/Dialogs", body)
    assert error(answer) == (400, "Invalid Input", "Invalid mediaProperties", "mediaProperties")
