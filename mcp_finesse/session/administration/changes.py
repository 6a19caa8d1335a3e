"""The configuration changes. Each function validates one kind of change and returns its request and read-back.

Each function rejects invalid arguments immediately. Only ``Administration.change`` sends the request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mcp_finesse.errors import NotFoundError, RefusedError
from mcp_finesse.model import WireModel
from mcp_finesse.model.admin import Contact, ContactContent, Content
from mcp_finesse.numbers import parse_int
from mcp_finesse.rest import admin
from mcp_finesse.rest.admin import ASSIGNMENTS as ASSIGNMENTS
from mcp_finesse.rest.admin import CONFIGURATION as CONFIGURATION
from mcp_finesse.rest.admin import Verb as Verb
from mcp_finesse.rest.admin import validation
from mcp_finesse.rest.admin.contacts import check_contacts
from mcp_finesse.rest.admin.teams import check_team_layout
from mcp_finesse.rest.operation import sends
from mcp_finesse.session.administration.change_runner import ChangeStatus, ConfigurationChange, Node, ReadBack
from mcp_finesse.session.administration.field_diff import (
    contact_differences,
    contact_lines,
    differences,
    given_values,
    id_differences,
)

_EQUAL = "equal"
Values = Mapping[str, Any]


@sends(admin.create_object)
def create(kind: str, values: Values, phone_book: str | None = None) -> ConfigurationChange:
    """Create an object.

    Args:
        kind: A name in ``CONFIGURATION``.
        values: The fields of the object.
        phone_book: For a contact, the id of its phone book.

    Raises:
        InvalidRequestError: The object cannot be created. The message names every invalid field.
    """
    known = validation.check_kind(kind, Verb.CREATE)
    validation.locate(known, Verb.CREATE, None, phone_book)
    content = validation.check_content(known.content or Content, values)
    validation.check_complete(known, content)

    async def send(node: Node, request_id: str) -> str | None:
        return await admin.create_object(
            node.rest, kind, content, request_id=request_id, parent=phone_book, platform=node.platform
        )

    async def list_equal(node: Node) -> list[WireModel]:
        listed = await admin.list_objects(node.rest, kind, parent=phone_book, platform=node.platform)
        return [each for each in listed if not differences(content, each)]

    async def before(node: Node) -> ReadBack:
        equal = {str(getattr(each, "id", "")) for each in await list_equal(node)}
        return ReadBack(ChangeStatus.NOT_IN_EFFECT, values={_EQUAL: equal})

    async def after(node: Node, new_id: str | None, was: ReadBack | None) -> ReadBack:
        if new_id is not None:
            return _compare(content, await admin.get_object(node.rest, kind, new_id, parent=phone_book))
        known = was.values[_EQUAL] if was is not None else set()
        equal = await list_equal(node)
        new = [each for each in equal if str(getattr(each, "id", "")) not in known]
        if new:
            return _compare(
                content, max(new, key=lambda each: parse_int(str(getattr(each, "id", None))) or 0)
            )
        ids = ", ".join(str(getattr(each, "id", "?")) for each in equal[:5])
        note = f"Similar objects that existed before: {ids}." if equal else f"There is no such {kind}."
        return ReadBack(ChangeStatus.NOT_IN_EFFECT, note=note)

    return ConfigurationChange(f"create {kind}", send, after, before)


@sends(admin.change_object)
def change(
    kind: str, object_id: str | None, values: Values, phone_book: str | None = None
) -> ConfigurationChange:
    """Change the given fields of an object. A list is replaced as a whole.

    Args:
        kind: A name in ``CONFIGURATION``.
        object_id: The database id of the object. Use ``default`` for the default MediaPropertiesLayout, and
            None for an object that exists only once.
        values: The fields to change.
        phone_book: For a contact, the id of its phone book.

    Raises:
        InvalidRequestError: The request is invalid. See ``create``.
    """
    known = validation.check_kind(kind, Verb.CHANGE)
    validation.locate(known, Verb.CHANGE, object_id, phone_book)
    content = validation.check_content(known.content or Content, values)
    validation.check_change(known, content)

    async def read(node: Node) -> WireModel:
        return await admin.get_object(node.rest, kind, object_id, parent=phone_book, platform=node.platform)

    async def before(node: Node) -> ReadBack:
        present = await read(node)
        found = _compare(content, present)
        if found.status is ChangeStatus.IN_EFFECT:
            return found
        values = given_values(content, present)
        return ReadBack(ChangeStatus.NOT_IN_EFFECT, values, object_id, values=values)

    async def send(node: Node, request_id: str) -> None:
        await admin.change_object(
            node.rest,
            kind,
            object_id,
            content,
            request_id=request_id,
            parent=phone_book,
            platform=node.platform,
        )

    async def after(node: Node, _new_id: str | None, _was: ReadBack | None) -> ReadBack:
        return _compare(content, await read(node), object_id)

    name = f"change {kind} {object_id}" if object_id else f"change {kind}"
    return ConfigurationChange(name, send, after, before, caution=known.caution if known.single else "")


@sends(admin.delete_object)
def delete(kind: str, object_id: str, phone_book: str | None = None) -> ConfigurationChange:
    """Delete an object. The arguments are those of ``change``.

    Raises:
        InvalidRequestError: The request is invalid. See ``create``.
    """
    known = validation.check_kind(kind, Verb.DELETE)
    validation.locate(known, Verb.DELETE, object_id, phone_book)

    async def read(node: Node) -> WireModel:
        return await admin.get_object(node.rest, kind, object_id, parent=phone_book, platform=node.platform)

    async def before(node: Node) -> ReadBack:
        return ReadBack(ChangeStatus.NOT_IN_EFFECT, await read(node), object_id)

    async def send(node: Node, request_id: str) -> None:
        await admin.delete_object(
            node.rest, kind, object_id, request_id=request_id, parent=phone_book, platform=node.platform
        )

    async def after(node: Node, _new_id: str | None, _was: ReadBack | None) -> ReadBack:
        try:
            still = await read(node)
        except RefusedError as refusal:
            if not _is_gone(refusal):
                raise
            return ReadBack(ChangeStatus.IN_EFFECT, object_id=object_id)
        return ReadBack(ChangeStatus.NOT_IN_EFFECT, still, object_id, note="The object still exists.")

    return ConfigurationChange(f"delete {kind} {object_id}", send, after, before, caution=known.caution)


@sends(admin.change_assigned)
def assign(
    team_id: str, kind: str, object_ids: Sequence[str], category: str | None = None
) -> ConfigurationChange:
    """Assign exactly the given objects of a kind to a team. Global objects, which every team has, do not change.

    Args:
        team_id: The team.
        kind: A name in ``ASSIGNMENTS``.
        object_ids: The database ids of the objects. Workflows run in the order of the ids.
        category: The category of reason codes. Other kinds have no category.
    """
    ids = [str(each).strip() for each in object_ids]

    async def read(node: Node) -> ReadBack:
        there = await admin.get_assigned(node.rest, team_id, kind, category=category)
        own = [each for each in there if not is_global(each)]
        wrong = id_differences(ids, [str(getattr(each, "id", "")) for each in own])
        if kind != "Workflow":  # only workflows are ordered
            wrong = tuple(each for each in wrong if each.field != "order")
        there_ids = [str(getattr(each, "id", "")) for each in own]
        values = {"ids": sorted(there_ids), "order": there_ids}
        return ReadBack(
            ChangeStatus.DIFFERS if wrong else ChangeStatus.IN_EFFECT, there, team_id, wrong, values=values
        )

    async def send(node: Node, request_id: str) -> None:
        await admin.change_assigned(node.rest, team_id, kind, ids, request_id=request_id, category=category)

    async def after(node: Node, _new_id: str | None, _was: ReadBack | None) -> ReadBack:
        return await read(node)

    return ConfigurationChange(f"change {kind}s of team {team_id}", send, after, read)


@sends(admin.change_team_layout)
def change_team_layout(team_id: str, values: Values) -> ConfigurationChange:
    """Give a team a desktop layout of its own, or the default desktop layout.

    Raises:
        InvalidRequestError: The layout is missing, is not XML, or has a wrong root element.
    """
    content = check_team_layout(values)
    compared = content.model_copy(update={"layoutxml": None}) if content.use_default else content

    async def read(node: Node) -> ReadBack:
        return _compare(compared, await admin.get_team_layout(node.rest, team_id), team_id)

    async def send(node: Node, request_id: str) -> None:
        await admin.change_team_layout(node.rest, team_id, content, request_id=request_id)

    async def after(node: Node, _new_id: str | None, _was: ReadBack | None) -> ReadBack:
        return await read(node)

    return ConfigurationChange(f"change layout of team {team_id}", send, after, read)


@sends(admin.import_contacts)
def import_contacts(phone_book: str, contacts: Sequence[ContactContent]) -> ConfigurationChange:
    """Replace all contacts of a phone book. A phone book can have at most 6000 contacts.

    Raises:
        InvalidRequestError: There are no contacts, too many contacts, or invalid contacts. The message gives
            the positions of invalid contacts in the list.
    """
    check_contacts(contacts)

    async def read(node: Node) -> ReadBack:
        there: list[Contact] = await admin.export_contacts(node.rest, phone_book)
        wrong = contact_differences(contacts, there)
        values = {"contact": contact_lines(there)}
        return ReadBack(
            ChangeStatus.DIFFERS if wrong else ChangeStatus.IN_EFFECT, there, phone_book, wrong, values=values
        )

    async def send(node: Node, request_id: str) -> None:
        await admin.import_contacts(node.rest, phone_book, contacts, request_id=request_id)

    async def after(node: Node, _new_id: str | None, _was: ReadBack | None) -> ReadBack:
        return await read(node)

    name = f"import contacts into PhoneBook {phone_book}"
    return ConfigurationChange(name, send, after, read, slow=True)


def _compare(content: Content, found: WireModel, object_id: str | None = None) -> ReadBack:
    wrong = differences(content, found)
    own = getattr(found, "id", None)
    return ReadBack(
        ChangeStatus.DIFFERS if wrong else ChangeStatus.IN_EFFECT,
        found,
        str(own) if own is not None else object_id,
        wrong,
        values=given_values(content, found),
    )


def _is_gone(refusal: RefusedError) -> bool:
    """Return whether the error (404, or the error for unknown ids, p.205) means that the object does not exist."""
    if isinstance(refusal, NotFoundError):
        return True
    said = {detail.type.strip().casefold() for detail in refusal.details}
    return refusal.status == 400 and said == {"finesse api error"}


def is_global(each: WireModel) -> bool:
    """Return whether the object is global. Every team has the global objects, so they cannot be assigned."""
    return getattr(each, "for_all", None) is True or getattr(each, "type", None) == "GLOBAL"
