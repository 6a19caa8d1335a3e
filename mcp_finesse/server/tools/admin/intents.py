"""What the tools of the toolset admin would do, for policy rules and for questions to a person.

Each function prepares the change that the tool would make, so that nobody is asked about a change that cannot be sent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from mcp_finesse.privacy import caller_text
from mcp_finesse.server.policy.intent import AskReason, Intent, shortened
from mcp_finesse.server.tools.admin.configuration import prepare_change, prepare_creation, prepare_deletion
from mcp_finesse.server.tools.admin.configuration_objects import (
    PHONE_BOOK,
    find_id,
    find_phone_book,
    find_team,
)
from mcp_finesse.server.tools.admin.phone_book_files import read_import
from mcp_finesse.server.tools.admin.team_assignments import assigned_ids, prepare_assignment
from mcp_finesse.session import FinesseSession

_TEXT = 2_000
_VALUES = 1_000
"""Maximum characters of all values in a summary."""


async def create_configuration(
    session: FinesseSession, kind: str, values: dict[str, Any], phone_book: str | None = None
) -> Intent:
    """Return the intent to create a configuration object."""
    chosen = await _chosen(session, kind, None, phone_book)
    change = await prepare_creation(session, kind, values, chosen.get("phone_book"))
    return _change(f"{change.action}{_in(phone_book)} with {_listed(values)}", chosen=chosen)


async def change_configuration(
    session: FinesseSession,
    kind: str,
    values: dict[str, Any],
    object: str | None = None,
    phone_book: str | None = None,
) -> Intent:
    """Return the intent to change a configuration object."""
    chosen = await _chosen(session, kind, object, phone_book)
    change = await prepare_change(session, kind, values, chosen.get("object"), chosen.get("phone_book"))
    named = f" ({object})" if object else ""
    return _change(f"{change.action}{named}{_in(phone_book)}: {_listed(values)}", chosen=chosen)


async def delete_configuration(
    session: FinesseSession, kind: str, object: str, phone_book: str | None = None
) -> Intent:
    """Return the intent to delete a configuration object. A phone book is deleted with its contacts."""
    chosen = await _chosen(session, kind, object, phone_book)
    change = await prepare_deletion(session, kind, chosen["object"], chosen.get("phone_book"))
    what, objects = f"{change.action} ({object}){_in(phone_book)} permanently", 1
    if kind == PHONE_BOOK:
        contacts = len(await session.administration.contacts(chosen["object"]))
        what, objects = f"{what}, with its {contacts} contacts", 1 + contacts
    return _change(what, objects, chosen)


async def change_team_assignments(
    session: FinesseSession,
    team: str,
    kind: str,
    add: list[str] | None = None,
    remove: list[str] | None = None,
    exactly: list[str] | None = None,
    category: str | None = None,
    use_default: bool | None = None,
    layoutxml: str | None = None,
) -> Intent:
    """Return the intent to change what is assigned to a team."""
    change = await prepare_assignment(
        session, team, kind, add, remove, exactly, category, use_default, layoutxml
    )
    lists: tuple[tuple[str, Collection[str] | None], ...] = (
        ("add", add),
        ("remove", remove),
        ("replace all with", exactly),
    )
    parts = [f"{verb} {', '.join(names) or 'nothing'}" for verb, names in lists if names is not None]
    if layoutxml is not None or use_default is not None:
        parts.append("the default layout" if layoutxml is None and use_default else "another layout")
    team_id = await find_team(session, team, exactly=True)
    objects = sum(len(names) for _, names in lists if names)
    if exactly is not None:  # the objects that are removed are not part of the list
        objects = max(objects, len(await assigned_ids(session, team_id, kind, category)))
    what = f"{change.action} ({team}): {'; '.join(parts)}"
    return replace(_change(what, max(1, objects), {"team": team_id}), teams=(team_id,))


async def get_team_assignments(session: FinesseSession, team: str, **_: Any) -> Intent:
    """Return the intent to read what is assigned to a team."""
    team_id = await find_team(session, team, exactly=False)
    return Intent("Read a team.", changes=False, teams=(team_id,), chosen={"team": team_id})


async def import_contacts(
    session: FinesseSession, phone_book: str, csv: str, dry_run: bool = False
) -> Intent:
    """Return the intent to replace all contacts of a phone book."""
    if dry_run:
        return Intent("Compare a file with a phone book.", changes=False)
    book, contacts = await read_import(session, phone_book, csv)
    there = len(await session.administration.contacts(book))
    summary = f"Replace all {there} contacts of phone book {phone_book} with {len(contacts)} contacts"
    return _change(summary, max(1, there, len(contacts)), {"phone_book": book})


async def _chosen(
    session: FinesseSession, kind: str, object: str | None, phone_book: str | None
) -> dict[str, str]:
    """Return the arguments that choose an object and its phone book, by their ids."""
    session.administration.check_configured()
    book = await find_phone_book(session, kind, phone_book)
    found = {"phone_book": book} if book is not None else {}
    if object is not None:
        object_id = await find_id(session, kind, object, phone_book=book)
        found |= {"object": object_id} if object_id is not None else {}
    return found


def _change(summary: str, objects: int = 1, chosen: Mapping[str, str] | None = None) -> Intent:
    sentence = caller_text(f"{summary[:1].upper()}{summary[1:]}", _TEXT)
    return Intent(f"{sentence}.", AskReason.CONFIGURATION, objects=objects, chosen=chosen or {})


def _in(phone_book: str | None) -> str:
    return f" in phone book {phone_book}" if phone_book else ""


def _listed(values: Mapping[str, Any]) -> str:
    """Return the names with their values. Each value has the same space, so that a long value hides no other value."""
    space = _VALUES // max(1, len(values))
    return ", ".join(f"{name} = {shortened(value, space)}" for name, value in values.items())
