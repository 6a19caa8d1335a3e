"""REST operations that list, get, create, change and delete configuration objects of every kind in the table.

The response to a configuration change contains the result. No notification follows. To see the new state of the
object, read the object again (guide p.21, 205).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp_finesse.model import Platform, WireModel, build, id_from_uri, read_list
from mcp_finesse.model.admin import Content
from mcp_finesse.numbers import is_digits
from mcp_finesse.rest.admin.access import as_administrator
from mcp_finesse.rest.admin.configuration import Verb, operations_with
from mcp_finesse.rest.admin.validation import (
    check_category,
    check_change,
    check_complete,
    check_content,
    check_kind,
    locate,
)
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import sends


@sends(*operations_with(Verb.LIST))
async def list_objects(
    client: RestClient,
    kind: str,
    *,
    parent: int | str | None = None,
    category: str = "ALL",
    platform: Platform | None = None,
) -> list[WireModel]:
    """Read all objects of a kind.

    Args:
        client: an administrator's client.
        kind: a name in ``CONFIGURATION``.
        parent: for contacts, the id of the phone book that contains them.
        category: for reason codes, ``NOT_READY``, ``LOGOUT`` or ``ALL``. System codes are never listed.
        platform: the platform. If given, requests that the platform does not support are refused.

    Raises:
        InvalidRequestError: the request is not possible. Nothing was sent.
        NotFoundError: the parent does not exist.
        RefusedError: the user is not an administrator, or the node is not the primary node.
        FinesseError: any other error of ``RestClient.get``.
    """
    known = check_kind(kind, Verb.LIST, platform)
    path = locate(known, Verb.LIST, None, parent)
    params = {"category": check_category(category)} if kind == "ReasonCode" else None
    async with as_administrator(client):
        return read_list(await client.get(path, params=params), known.read)


@sends(*operations_with(Verb.GET))
async def get_object(
    client: RestClient,
    kind: str,
    object_id: int | str | None = None,
    *,
    parent: int | str | None = None,
    platform: Platform | None = None,
) -> WireModel:
    """Read one object and return it as an instance of ``CONFIGURATION[kind].read``.

    Args:
        client: an administrator's client.
        kind: a name in ``CONFIGURATION``.
        object_id: the database id of the object. ``default`` for the default MediaPropertiesLayout. None if
            only one object of this kind exists.
        parent: for a contact, the id of its phone book.
        platform: see ``list_objects``.

    Raises:
        The errors of ``list_objects``.
    """
    known = check_kind(kind, Verb.GET, platform)
    path = locate(known, Verb.GET, object_id, parent)
    async with as_administrator(client):
        return known.read.from_element(await client.get(path))


@sends(*operations_with(Verb.CREATE))
async def create_object(
    client: RestClient,
    kind: str,
    content: Content | Mapping[str, Any],
    *,
    request_id: str,
    parent: int | str | None = None,
    platform: Platform | None = None,
) -> str | None:
    """Create an object.

    Args:
        client: an administrator's client.
        kind: a name in ``CONFIGURATION``.
        content: an instance of ``CONFIGURATION[kind].content``, or values by field name.
        request_id: identifies the request in logs and traces.
        parent: for a contact, the id of its phone book.
        platform: the platform, because some limits depend on the platform.

    Returns:
        The id of the new object, or None if Finesse did not return the id. In that case, list the objects to
        find the id.

    Raises:
        InvalidRequestError: fields are missing or invalid. The error names each of these fields. Also raises
            the errors of ``list_objects`` and ``RestClient.send``.
    """
    known = check_kind(kind, Verb.CREATE, platform)
    path = locate(known, Verb.CREATE, None, parent)
    checked = check_content(known.content or Content, content, platform)
    check_complete(known, checked)
    async with as_administrator(client):
        answer = await client.send(Verb.CREATE.method, path, build(known.name, checked.to_wire()), request_id)
    new_id = id_from_uri(answer.location)
    return new_id if new_id is not None and is_digits(new_id) else None


@sends(*operations_with(Verb.CHANGE))
async def change_object(
    client: RestClient,
    kind: str,
    object_id: int | str | None,
    content: Content | Mapping[str, Any],
    *,
    request_id: str,
    parent: int | str | None = None,
    platform: Platform | None = None,
) -> None:
    """Change the given fields of an object. A given list replaces the whole list. Other fields keep their values.

    Args:
        client: an administrator's client.
        kind: a name in ``CONFIGURATION``.
        object_id: see ``get_object``.
        content: see ``create_object``. The content must contain at least one field.
        request_id: identifies the request in logs and traces.
        parent: for a contact, the id of its phone book.
        platform: the platform, because some limits depend on the platform.

    Raises:
        The errors of ``create_object``. Also raises ``NotFoundError`` if the object does not exist.
    """
    known = check_kind(kind, Verb.CHANGE, platform)
    path = locate(known, Verb.CHANGE, object_id, parent)
    checked = check_content(known.content or Content, content, platform)
    check_change(known, checked)
    async with as_administrator(client):
        await client.send(Verb.CHANGE.method, path, build(known.name, checked.to_wire()), request_id)


@sends(*operations_with(Verb.DELETE))
async def delete_object(
    client: RestClient,
    kind: str,
    object_id: int | str,
    *,
    request_id: str,
    parent: int | str | None = None,
    platform: Platform | None = None,
) -> None:
    """Delete an object. If the object is in use, Finesse rejects the request (``In Use``).

    Args:
        client: an administrator's client.
        kind: a name in ``CONFIGURATION``.
        object_id: the database id of the object.
        request_id: identifies the request in logs and traces.
        parent: for a contact, the id of its phone book.
        platform: see ``list_objects``.

    Raises:
        The errors of ``create_object``. Also raises ``NotFoundError`` if the object does not exist.
    """
    known = check_kind(kind, Verb.DELETE, platform)
    path = locate(known, Verb.DELETE, object_id, parent)
    async with as_administrator(client):
        await client.send(Verb.DELETE.method, path, None, request_id)
