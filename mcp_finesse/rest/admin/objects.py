"""Configuration objects over REST: list, get, create, change, delete, the same for every kind in the table.

All are answered at once, and no notification follows: read again to see the new state (guide p.21, 205).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mcp_finesse.model import Platform, WireModel, build, id_from_uri, read_list
from mcp_finesse.model.admin import Content
from mcp_finesse.numbers import is_digits
from mcp_finesse.rest.admin.access import as_administrator
from mcp_finesse.rest.admin.configuration import CONFIGURATION, ConfigurationObject, Verb
from mcp_finesse.rest.admin.validation import (
    check_category,
    check_change,
    check_complete,
    check_content,
    check_kind,
    locate,
)
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import Role, operation
from mcp_finesse.rest.paths import API_ROOT


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
        parent: for contacts, the id of their phone book.
        category: for reason codes, ``NOT_READY``, ``LOGOUT`` or ``ALL``; system codes are never listed.
        platform: where Finesse is known to run; what it does not have is then refused here.

    Raises:
        InvalidRequestError: what cannot be asked for, nothing was sent.
        NotFoundError: no such parent; RefusedError: not an administrator, or not the primary node; and as
            ``RestClient.get``.
    """
    known = check_kind(kind, Verb.LIST, platform)
    path = locate(known, Verb.LIST, None, parent)
    params = {"category": check_category(category)} if kind == "ReasonCode" else None
    async with as_administrator(client):
        return read_list(await client.get(path, params=params), known.read)


async def get_object(
    client: RestClient,
    kind: str,
    object_id: int | str | None = None,
    *,
    parent: int | str | None = None,
    platform: Platform | None = None,
) -> WireModel:
    """Read one object; its class is ``CONFIGURATION[kind].read``.

    Args:
        client: an administrator's client.
        kind: a name in ``CONFIGURATION``.
        object_id: its database id; ``default`` for the default MediaPropertiesLayout; None where there is only
            one object of the kind.
        parent: for a contact, the id of its phone book.
        platform: as for ``list_objects``.

    Raises:
        As ``list_objects``.
    """
    known = check_kind(kind, Verb.GET, platform)
    path = locate(known, Verb.GET, object_id, parent)
    async with as_administrator(client):
        return known.read.from_element(await client.get(path))


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
        content: a ``CONFIGURATION[kind].content``, or plain values for its fields.
        request_id: identifies the request in traces.
        parent: for a contact, the id of its phone book.
        platform: where Finesse runs, for limits that differ.

    Returns:
        The id of the new object, or None when Finesse did not say it: list the objects to find it.

    Raises:
        InvalidRequestError: every field that is missing or does not fit; and as ``list_objects``,
            ``RestClient.send``.
    """
    known = check_kind(kind, Verb.CREATE, platform)
    path = locate(known, Verb.CREATE, None, parent)
    checked = check_content(known.content or Content, content, platform)
    check_complete(known, checked)
    async with as_administrator(client):
        answer = await client.send("POST", path, build(known.name, checked.to_wire()), request_id)
    new_id = id_from_uri(answer.location)
    return new_id if new_id is not None and is_digits(new_id) else None


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
    """Change an object: the fields that are given replace the old values, lists as a whole; the others stay.

    Args:
        client: an administrator's client.
        kind: a name in ``CONFIGURATION``.
        object_id: as for ``get_object``.
        content: as for ``create_object``; at least one field.
        request_id: identifies the request in traces.
        parent: for a contact, the id of its phone book.
        platform: where Finesse runs, for limits that differ.

    Raises:
        As ``create_object``; NotFoundError: no such object.
    """
    known = check_kind(kind, Verb.CHANGE, platform)
    path = locate(known, Verb.CHANGE, object_id, parent)
    checked = check_content(known.content or Content, content, platform)
    check_change(known, checked)
    async with as_administrator(client):
        await client.send("PUT", path, build(known.name, checked.to_wire()), request_id)


async def delete_object(
    client: RestClient,
    kind: str,
    object_id: int | str,
    *,
    request_id: str,
    parent: int | str | None = None,
    platform: Platform | None = None,
) -> None:
    """Delete an object; one that is in use is rejected by Finesse (``In Use``).

    Args:
        client: an administrator's client.
        kind: a name in ``CONFIGURATION``.
        object_id: its database id.
        request_id: identifies the request in traces.
        parent: for a contact, the id of its phone book.
        platform: as for ``list_objects``.

    Raises:
        As ``create_object``; NotFoundError: no such object.
    """
    known = check_kind(kind, Verb.DELETE, platform)
    path = locate(known, Verb.DELETE, object_id, parent)
    async with as_administrator(client):
        await client.send("DELETE", path, None, request_id)


_FUNCTIONS: Mapping[Verb, tuple[str, Callable[..., Any]]] = {
    Verb.LIST: ("GET", list_objects),
    Verb.GET: ("GET", get_object),
    Verb.CREATE: ("POST", create_object),
    Verb.CHANGE: ("PUT", change_object),
    Verb.DELETE: ("DELETE", delete_object),
}


def _declare(known: ConfigurationObject) -> None:
    for verb, (method, function) in _FUNCTIONS.items():
        if verb not in known.verbs:
            continue
        paths = {Verb.LIST: known.list_path, Verb.CREATE: known.collection_path}
        path = paths.get(verb, known.path).replace("{parent}", "{phoneBookId}")
        declare = operation(
            f"{known.name}: {verb}",
            method,
            f"{API_ROOT}/{path}",
            known.source,
            role=known.roles.get(verb, Role.ADMINISTRATOR),
            platforms=known.platforms,
        )
        declare(function)
        if known.default_id and verb in (Verb.GET, Verb.CHANGE):
            _declare_default(known, verb, method, function)


def _declare_default(
    known: ConfigurationObject, verb: Verb, method: str, function: Callable[..., Any]
) -> None:
    """The one that is always there has operations of its own in the guide."""
    path = known.path.replace("{id}", "default")
    declare = operation(
        f"{known.name}: {verb} default", method, f"{API_ROOT}/{path}", known.source, role=Role.ADMINISTRATOR
    )
    declare(function)


for _known in CONFIGURATION.values():
    _declare(_known)
