"""REST operations for serviceability: product version, performance values, resource URLs of the desktop."""

from __future__ import annotations

import json
from typing import Any

from mcp_finesse.errors import PayloadError
from mcp_finesse.model.admin import ProductVersion
from mcp_finesse.model.admin.limits import shown
from mcp_finesse.numbers import parse_json
from mcp_finesse.rest.admin.access import as_administrator
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import Role, operation
from mcp_finesse.rest.validation import check_present, refuse

_PRODUCT_VERSION = "/finesse-dp/rest/DiagnosticPortal/GetProductVersion"
_PERFORMANCE = "/finesse/api/performance"
_RESOURCE_URLS = "/desktop/api/ResourceURLs"
RESOURCE_TYPES = ("desktop", "3rdParty")
NOTIFICATION_SERVICE = "openfire//"


@operation(
    "Diagnostic Portal: get product version",
    "GET",
    _PRODUCT_VERSION,
    "guide p.339; path as third-party clients use it",
    role=Role.ADMINISTRATOR,
)
async def get_product_version(client: RestClient) -> ProductVersion:
    """Read the release of Finesse on this node. Also works while out of service, if it was in service before.

    Raises:
        RefusedError: not an administrator.
        PayloadError: the response contains no version.
        FinesseError: the other errors of ``RestClient.get``.
    """
    async with as_administrator(client, primary_only=False):
        version = ProductVersion.from_element(await client.get(_PRODUCT_VERSION))
    if not version.model_fields_set:
        raise PayloadError("The Diagnostic Portal answered without a version.")
    return version


@operation(
    "Performance: read",
    "POST",
    _PERFORMANCE,
    "current documentation, Performance API; release notes 12.6(2)",
    role=Role.ADMINISTRATOR,
    since="12.6(2)",
)
async def read_performance(
    client: RestClient,
    mbean: str,
    attribute: str,
    *,
    notification_service: bool = False,
    request_id: str,
) -> Any:
    """Read an attribute of a Java MBean. A read-only client refuses this, because the request is a POST.

    Args:
        client: an administrator's client.
        mbean: such as ``java.lang:type=Threading``.
        attribute: such as ``ThreadCount``.
        notification_service: read from the Notification Service instead of Tomcat.
        request_id: identifies the request in logs and traces.

    Returns:
        The value: a number, a string, or a JSON array or object.

    Raises:
        InvalidRequestError: an empty name.
        PayloadError: the response contains no value.
        RefusedError: not an administrator, or the bean may not be read.
        FinesseError: the other errors of ``RestClient.send``.
    """
    bean = check_present("mbean", mbean)
    where = NOTIFICATION_SERVICE if notification_service else ""
    question = {"type": "read", "mbean": f"{where}{bean}", "attribute": check_present("attribute", attribute)}
    body = json.dumps(question).encode()
    async with as_administrator(client, primary_only=False):
        answer = await client.send("POST", _PERFORMANCE, body, request_id, content_type="application/json")
    try:
        reading = parse_json(answer.body)
    except ValueError:
        reading = None
    if not isinstance(reading, dict) or "value" not in reading:
        raise PayloadError(
            f"{answer.request} was answered with {answer.described()}, which holds no reading."
        )
    return reading["value"]


@operation(
    "Desktop Interface: get resource URLs",
    "GET",
    _RESOURCE_URLS,
    "current documentation, Desktop Interface APIs; release notes 12.6(2)",
    role=Role.ANYBODY,
    since="12.6(2)",
)
async def get_resource_urls(client: RestClient, resource_type: str) -> list[str]:
    """Read the paths of the files of the desktop or of third-party gadgets.

    Args:
        client: sends the request.
        resource_type: ``desktop`` or ``3rdParty``.

    Raises:
        InvalidRequestError: another type; and the errors of ``RestClient.get_text``.
    """
    if resource_type not in RESOURCE_TYPES:
        refuse(f"resource_type is {shown(resource_type)}.", f"Use {' or '.join(RESOURCE_TYPES)}.")
    return (await client.get_text(_RESOURCE_URLS, "text/plain", params={"type": resource_type})).split()
