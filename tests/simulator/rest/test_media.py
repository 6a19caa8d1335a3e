"""Test media and tasks over real sockets, and the requests that are rejected immediately."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings
from tests.simulator.support_rest import Client, client_of, error, until, xml

CHAT = "User/1001/Media/5001"
LOGIN = (
    "<Media><maxDialogLimit>3</maxDialogLimit><state>LOGIN</state><interruptAction>ACCEPT</interruptAction>"
    "<dialogLogoutAction>TRANSFER</dialogLogoutAction></Media>"
)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator() as simulator:
        yield simulator


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[Client]:
    async with client_of(simulator) as client:
        yield client


def act(action: str, more: str = "") -> str:
    return f"<Dialog><requestedAction>{action}</requestedAction>{more}</Dialog>"


async def test_task_is_offered_accepted_and_started(simulator: Simulator, client: Client) -> None:
    def state() -> str:
        return str(simulator.center.truth()["media"]["1001"]["5001"]["state"])

    assert (await client.put(CHAT, LOGIN)).status_code == 202
    await until(lambda: state() == "NOT_READY")
    assert (await client.put(CHAT, "<Media><state>READY</state></Media>")).status_code == 202
    await until(lambda: state() == "READY")
    task = simulator.center.customers.send_task("5001")
    (listed,) = xml(await client.get(f"{CHAT}/Dialogs"))
    assert listed.findtext("id") == task.id
    assert [action.text for action in listed.iter("action")] == ["ACCEPT"]
    for action in ("ACCEPT", "START"):
        assert (await client.put(f"Dialog/{task.id}", act(action))).status_code == 202
    await until(lambda: task.state == "ACTIVE")
    assert xml(await client.get(f"Dialog/{task.id}")).findtext("state") == "ACTIVE"
    assert (await client.put(CHAT, "<Media><routable>false</routable></Media>")).status_code == 202
    await until(lambda: not simulator.center.truth()["media"]["1001"]["5001"]["routable"])
    assert xml(await client.get("User/1001/Dialogs")).tag == "Dialogs"  # voice only
    assert len(xml(await client.get("User/1001/Dialogs"))) == 0


async def test_interrupted_task_is_shown_when_it_is_read(simulator: Simulator, client: Client) -> None:
    ada = simulator.center.colleague("1001")
    ada.sign_in_to_media("5002")
    ada.sign_in()
    ada.change_media("5002", state="READY")
    truth = simulator.center.truth
    await until(lambda: truth()["media"]["1001"]["5002"]["state"] == "READY")
    task = simulator.center.customers.send_task("5002")
    for action in ("ACCEPT", "START"):
        ada.act_on_task(action, task.id)
    dialog_id = simulator.center.customers.call("4501", "3125550142")
    ada.act("ANSWER", dialog_id)
    await until(lambda: truth()["media"]["1001"]["5002"]["state"] == "INTERRUPTED")
    dialog = xml(await client.get(f"Dialog/{task.id}"))
    assert (dialog.findtext("state"), list(dialog.iter("action"))) == ("INTERRUPTED", [])


async def test_all_domains_are_listed(client: Client) -> None:
    media = xml(await client.get("User/1001/Media"))
    assert (media.tag, [each.findtext("id") for each in media]) == ("MediaList", ["5001", "5002"])
    domains = xml(await client.get("MediaDomain"))
    assert [each.findtext("name") for each in domains] == ["Cisco_Voice", "Cisco_Chat", "Cisco_Email"]


async def test_media_of_a_user_without_skill_groups_show_no_state(simulator: Simulator) -> None:
    async with client_of(simulator, "1003") as client:
        media = xml(await client.get("User/1003/Media/5001"))
    assert {child.tag for child in media} == {"uri", "description", "id", "interruptible", "name"}


@pytest.mark.parametrize(
    ("path", "body", "refused"),
    [
        (CHAT, "", (400, "Bad Request", "")),
        (CHAT, "<Media/>", (400, "Parameter Missing", "state")),
        (CHAT, "<Media><state>DANCING</state></Media>", (400, "Bad Request", "state")),
        (CHAT, "<Media><state>LOGIN</state></Media>", (400, "Parameter Missing", "maxDialogLimit")),
        (
            CHAT,
            "<Media><state>LOGIN</state><maxDialogLimit>3</maxDialogLimit></Media>",
            (400, "Parameter Missing", "interruptAction"),
        ),
        (CHAT, LOGIN.replace(">3<", ">11<"), (400, "Bad Request", "maxDialogLimit")),
        (CHAT, LOGIN.replace(">3<", ">many<"), (400, "Bad Request", "maxDialogLimit")),
        (CHAT, LOGIN.replace(">3<", f">{'3' * 5000}<"), (400, "Bad Request", "maxDialogLimit")),
        (CHAT, LOGIN.replace("ACCEPT", "MAYBE"), (400, "Bad Request", "interruptAction")),
        (CHAT, LOGIN.replace("TRANSFER", "KEEP"), (400, "Bad Request", "dialogLogoutAction")),
        (CHAT, "<Media><routable>perhaps</routable></Media>", (400, "Bad Request", "routable")),
        (CHAT, "<Media><state>NOT_READY</state></Media>", (400, "Parameter Missing", "reasonCodeId")),
        (
            CHAT.replace("1001", "1002"),
            "<Media><state>READY</state></Media>",
            (401, "Invalid Authorization User Specified", "1002"),
        ),
    ],
)
async def test_invalid_media_request_is_rejected(
    client: Client, path: str, body: str, refused: tuple[int, str, str]
) -> None:
    answer = await client.put(path, body)
    status, kind, _, data = error(answer)
    assert (status, kind, data) == refused
    assert xml(answer).findtext("ApiError/ErrorMedia") == "5001"


@pytest.mark.parametrize(
    ("path", "status"),
    [("User/1001/Media/4711", 404), ("User/1001/Media/1", 404), ("User/1002/Media", 401)],
)
async def test_unknown_or_foreign_media_cannot_be_read(client: Client, path: str, status: int) -> None:
    assert (await client.get(path)).status_code == status


@pytest.mark.parametrize(
    ("acting", "body", "refused"),
    [
        ("1001", act(""), (400, "Parameter Missing", "requestedAction")),
        ("1001", act("HOLD"), (400, "Invalid Input", "requestedAction")),
        ("1001", act("TRANSFER"), (400, "Parameter Missing", "toAddress")),
        ("1002", act("ACCEPT"), (401, "Invalid Authorization User Specified", "1002")),
    ],
)
async def test_invalid_task_action_is_rejected(
    simulator: Simulator, acting: str, body: str, refused: tuple[int, str, str]
) -> None:
    ada = simulator.center.colleague("1001")
    ada.sign_in_to_media("5001")
    ada.change_media("5001", state="READY")
    await until(lambda: simulator.center.truth()["media"]["1001"]["5001"]["state"] == "READY")
    task = simulator.center.customers.send_task("5001")
    async with client_of(simulator, acting) as client:
        status, kind, _, data = error(await client.put(f"Dialog/{task.id}", body))
    assert (status, kind, data) == refused


async def test_unknown_task_is_not_found(client: Client) -> None:
    assert error(await client.get("Dialog/152201_1_1"))[:2] == (404, "Dialog Not Found")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "User/1001/Media"), ("PUT", CHAT), ("GET", "MediaDomain")]
)
async def test_ccx_has_no_media(method: str, path: str) -> None:
    async with Simulator(SimulatorSettings(platform="UCCX")) as simulator, client_of(simulator) as client:
        assert error(await client.send(method, path, LOGIN))[:2] == (501, "Not Implemented")
