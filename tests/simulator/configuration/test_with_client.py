"""Test that the simulator accepts the administrator requests of the REST client, and the client its responses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import NotFoundError, RefusedError
from mcp_finesse.model import Platform
from mcp_finesse.rest import RestClient
from mcp_finesse.rest.admin import (
    ASSIGNMENTS,
    CONFIGURATION,
    Verb,
    change_assigned,
    change_object,
    change_team_layout,
    create_object,
    delete_object,
    export_contacts,
    get_assigned,
    get_object,
    get_team_layout,
    import_contacts,
    list_objects,
    list_teams,
)
from tests.rest.admin.support import GOOD, READS, changeable, place
from tests.simulator.configuration.support import LAYOUT, UserClients, user_clients

CREATABLE = [kind for kind, known in CONFIGURATION.items() if Verb.CREATE in known.verbs]


@pytest.fixture
async def here() -> AsyncIterator[UserClients]:
    async with user_clients() as here:
        yield here


@pytest.fixture
async def client(here: UserClients) -> AsyncIterator[RestClient]:
    async with client_of(here, "admin") as client:
        yield client


def client_of(here: UserClients, user_id: str) -> RestClient:
    credentials = Credentials(user_id, SecretStr("secret"))
    return RestClient(here.simulator.url, credentials, allow_insecure=True)


def inside(kind: str) -> dict[str, Any]:
    """Return the parent of a kind: contacts belong to an existing phone book."""
    return {"parent": 1} if place(kind) else {}


@pytest.mark.parametrize("kind", CREATABLE)
async def test_object_is_created_read_changed_listed_and_deleted(client: RestClient, kind: str) -> None:
    number = await create_object(client, kind, GOOD[kind], request_id="r", **inside(kind))
    assert number is not None
    made = await get_object(client, kind, number, **inside(kind))
    for name, value in GOOD[kind].items():
        assert made.model_dump(exclude_unset=True)[name] == value
    assert str(made.id) == number  # type: ignore[attr-defined]

    await change_object(client, kind, number, changeable(kind), request_id="r", **inside(kind))
    assert await get_object(client, kind, number, **inside(kind)) == made
    assert made in await list_objects(client, kind, **inside(kind))

    await delete_object(client, kind, number, request_id="r", **inside(kind))
    with pytest.raises(NotFoundError):
        await get_object(client, kind, number, **inside(kind))
    with pytest.raises(NotFoundError):
        await change_object(client, kind, number, changeable(kind), request_id="r", **inside(kind))


@pytest.mark.parametrize(
    "kind", [kind for kind, known in CONFIGURATION.items() if known.single and known.content]
)
async def test_single_object_is_changed_and_read(client: RestClient, kind: str) -> None:
    await change_object(client, kind, None, GOOD[kind], request_id="r")
    found = (await get_object(client, kind)).model_dump(exclude_unset=True)
    (name,) = GOOD[kind]
    assert found[name] == GOOD[kind][name] or GOOD[kind][name].items() <= found[name].items()
    read = await get_object(client, kind)
    await change_object(client, kind, None, read, request_id="r")  # type: ignore[arg-type]
    assert await get_object(client, kind) == read


async def test_every_kind_with_a_list_or_read_can_be_read(client: RestClient) -> None:
    for kind, known in CONFIGURATION.items():
        if Verb.LIST in known.verbs:
            assert await list_objects(client, kind, **inside(kind)), kind
        if known.single and Verb.GET in known.verbs:
            assert (await get_object(client, kind)).model_fields_set, kind
    assert "310" in [team.id for team in await list_teams(client)]
    assert len(READS) > len(CONFIGURATION)


@pytest.mark.parametrize("kind", ASSIGNMENTS)
async def test_teams_are_assigned_objects(client: RestClient, kind: str) -> None:
    category = "NOT_READY" if ASSIGNMENTS[kind].by_category else None
    values = GOOD[kind] | ({"for_all": False} if "for_all" in GOOD[kind] else {})
    number = await create_object(client, kind, values, request_id="r")
    assert number is not None
    await change_assigned(client, 310, kind, [number], request_id="r", category=category)
    (given,) = await get_assigned(client, 310, kind, category=category)
    assert str(given.id) == number  # type: ignore[attr-defined]
    await change_assigned(client, 310, kind, [], request_id="r", category=category)
    assert await get_assigned(client, 310, kind, category=category) == []


async def test_team_gets_its_own_layout(client: RestClient) -> None:
    layout = LAYOUT.replace("&lt;", "<").replace("&gt;", ">")
    await change_team_layout(client, 310, {"use_default": False, "layoutxml": layout}, request_id="r")
    assert (await get_team_layout(client, 310)).layoutxml == layout
    await change_team_layout(client, 310, {"use_default": True}, request_id="r")
    assert (await get_team_layout(client, 310)).use_default is True


async def test_6000_contacts_are_imported_and_exported(client: RestClient) -> None:
    rest = {"last_name": 'D"Arcy, Sons', "description": "x" * 128}
    contacts = [rest | {"first_name": f"Zoë {number}", "phone_number": f"{number}"} for number in range(6000)]
    await import_contacts(client, 2, contacts, request_id="r")
    exported = await export_contacts(client, 2)
    assert [contact.model_dump(exclude_unset=True) for contact in exported] == contacts


async def test_default_layout_of_call_variables_is_changed_but_not_deleted(client: RestClient) -> None:
    kind = "MediaPropertiesLayout"
    layout = await get_object(client, kind, "default")
    await change_object(client, kind, "default", layout, request_id="r")  # type: ignore[arg-type]
    assert await get_object(client, kind, "default") == layout
    with pytest.raises(RefusedError) as caught:
        await delete_object(client, kind, 1, request_id="r")
    assert caught.value.status == 403


async def test_duplicate_is_reported_in_the_words_of_finesse(client: RestClient) -> None:
    await create_object(client, "Workflow", GOOD["Workflow"], request_id="r")
    with pytest.raises(RefusedError, match="Duplicate Workflow name"):
        await create_object(client, "Workflow", GOOD["Workflow"], request_id="r")


async def test_agent_who_configures_is_told_to_use_administrator_credentials(
    here: UserClients,
) -> None:
    async with client_of(here, "1001") as client:
        assert (await get_object(client, "ReasonCode", 23)).label == "Lunch"  # type: ignore[attr-defined]
        with pytest.raises(RefusedError, match="credentials of an administrator"):
            await list_objects(client, "ReasonCode")
        assert await list_objects(client, "ECCVariableConfig", platform=Platform.UCCE)
