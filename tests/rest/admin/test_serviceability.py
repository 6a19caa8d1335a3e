"""Serviceability: product version, performance readings, desktop files, and unconfirmed operations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.rest import admin
from mcp_finesse.rest.admin import get_product_version, get_resource_urls, read_performance
from mcp_finesse.rest.operation import operations
from tests.rest.support import Reply, scripted, xml


async def test_product_version_of_a_node_is_read() -> None:
    answer = xml(
        '<dp:GetProductVersionReply xmlns:dp="urn:dp"><dp:ProductVersion Name="Finesse" Major="12"/>'
        "</dp:GetProductVersionReply>"
    )
    async with scripted(answer) as (client, server):
        version = await get_product_version(client)
    assert (version.name, version.major) == ("Finesse", "12")
    assert server.requests[0].line == "GET /finesse-dp/rest/DiagnosticPortal/GetProductVersion"


@pytest.mark.parametrize("value", [17, 0.5, {"used": 1, "max": 2}, None, "x"])
async def test_performance_value_is_read(value: Any) -> None:
    answer = Reply(200, json.dumps({"value": value, "status": 200}).encode(), "application/json")
    async with scripted(answer, answer) as (client, server):
        assert (
            await read_performance(client, "java.lang:type=Threading", "ThreadCount", request_id="r") == value
        )
        await read_performance(client, "a:type=B", "C", notification_service=True, request_id="r")
    first, second = server.requests
    assert first.line == "POST /finesse/api/performance"
    assert first.headers["Content-Type"] == "application/json"
    assert json.loads(first.body) == {
        "type": "read",
        "mbean": "java.lang:type=Threading",
        "attribute": "ThreadCount",
    }
    assert json.loads(second.body)["mbean"] == "openfire//a:type=B"


@pytest.mark.parametrize(("mbean", "attribute"), [("", "x"), ("x", " ")])
async def test_performance_reading_without_mbean_or_attribute_is_rejected(mbean: str, attribute: str) -> None:
    async with scripted() as (client, server):
        with pytest.raises(InvalidRequestError, match="is empty"):
            await read_performance(client, mbean, attribute, request_id="r")
        assert server.requests == []


async def test_desktop_resource_urls_are_read() -> None:
    async with scripted(Reply(200, b"/desktop/a.js\n/desktop/b.css\n", "text/plain")) as (client, server):
        assert await get_resource_urls(client, "3rdParty") == ["/desktop/a.js", "/desktop/b.css"]
    assert server.requests[0].line == "GET /desktop/api/ResourceURLs?type=3rdParty"


async def test_unknown_resource_type_is_rejected() -> None:
    async with scripted() as (client, _):
        with pytest.raises(InvalidRequestError, match="resource_type is 'x'"):
            await get_resource_urls(client, "x")


def test_unconfirmed_operations_have_no_function_and_state_what_is_unknown() -> None:
    free = [each for each in operations() if not each.function]
    assert {"Cloud Connect: set", "MaintenanceMode: get", "SystemVariable: list"} <= {
        each.name for each in free
    }
    assert all(each.unsure for each in free)
    assert "unconfirmed" not in admin.__all__
