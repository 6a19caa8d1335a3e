"""Finds configuration objects by label or name, and shows them as summaries and as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import TeamRef, WireModel
from mcp_finesse.model.admin import Contact
from mcp_finesse.numbers import canonical_id
from mcp_finesse.privacy import caller_block, quoted
from mcp_finesse.server.present.limits import MAX_RAW_CHARACTERS
from mcp_finesse.server.present.summaries import Summary, bounded, clipped, listed, plain
from mcp_finesse.session import CONFIGURATION, FinesseSession

DEFAULT = "default"
TEAM = "Team"
PHONE_BOOK = "PhoneBook"

# For kinds with large objects, a list shows only these fields. ``get_configuration`` shows all fields.
_SHORT = {
    "MediaPropertiesLayout": ("id", "name", "description", "type"),
    "Workflow": ("id", "name", "description", "media"),
    "WorkflowAction": ("id", "name", "type", "handled_by"),
}
_NOISE = ("uri", "contacts")
_NAMES = ("label", "name", "phone_number")
_LAYOUT = "layoutxml"
_CANDIDATES = 15


def shown(value: WireModel) -> tuple[Summary, int]:
    """Return the summary of an object, and the number of characters that were omitted from a layout."""
    found = {
        name: item if name == _LAYOUT else clipped(item)
        for name, item in plain(value).items()
        if name not in _NOISE
    }
    layout, left_out = caller_block(str(found.get(_LAYOUT, "")), MAX_RAW_CHARACTERS)
    return found | ({_LAYOUT: layout} if layout else {}), left_out


def in_short(kind: str, value: WireModel) -> Summary:
    """Return the summary of an object as shown in a list."""
    found, _ = shown(value)
    names = _SHORT.get(kind)
    return found if names is None else {name: found[name] for name in names if name in found}


def line(summary: Mapping[str, Any]) -> str:
    """Return an object as one line of text. Nested objects appear only by name."""
    words = [
        f"{name} {quoted(value) if isinstance(value, str) else str(value).lower()}"
        for name, value in summary.items()
        if not _is_large(name, value)
    ]
    more = [name for name, value in summary.items() if _is_large(name, value)]
    return ", ".join([*words, *([f"with {' and '.join(more)}"] if more else [])]) or "(without any field)"


def in_full(summary: Mapping[str, Any]) -> str:
    """Return an object as several lines of text. Nested objects and each line of a layout have their own lines."""
    nested = [
        f"{name}: {to_json(value).decode()}"
        for name, value in summary.items()
        if isinstance(value, dict | list)
    ]
    layout = [f"| {each}" for each in str(summary.get(_LAYOUT, "")).splitlines()]
    return "\n".join([line(summary), *nested, *layout])


def _is_large(name: str, value: object) -> bool:
    return isinstance(value, dict | list) or name == _LAYOUT


def name_of(value: WireModel) -> str:
    """Return the label or name that users see."""
    if isinstance(value, Contact):
        return value.name or value.phone_number or ""
    return next((str(text) for name in _NAMES if (text := getattr(value, name, None))), "")


def matching(objects: Iterable[WireModel], query: str) -> list[WireModel]:
    """Return the objects whose texts and numbers together contain all words of the query."""
    words = query.casefold().split()
    return [each for each in objects if all(word in _text(each) for word in words)]


def _text(value: WireModel) -> str:
    found, _ = shown(value)
    return " ".join(str(item) for item in found.values()).casefold()


def choose(kind: str, objects: Sequence[WireModel], wanted: str, *, exactly: bool) -> WireModel:
    """Return the object identified by an id, a label or a name.

    Args:
        kind: kind of the objects, for messages.
        objects: all objects.
        wanted: an id, a label or a name.
        exactly: whether the whole name is required. True if the object will be changed.

    Raises:
        InvalidRequestError: no object matches, or several objects match. The error lists the candidates.
    """
    text = wanted.strip().casefold()
    by_id = [each for each in objects if str(getattr(each, "id", "")) == text]
    named = [each for each in objects if name_of(each).casefold() == text]
    found = by_id or named
    if len(found) == 1:
        return found[0]
    near = found or matching(objects, wanted)
    if len(near) == 1 and not exactly:
        return near[0]
    if not near:
        raise InvalidRequestError(
            f"No {kind} is called {quoted(wanted)}. Nothing was sent.", advice=_all(kind, objects)
        )
    problem = "matches more than one" if len(near) > 1 else "is not the full name of a"
    raise InvalidRequestError(
        f"{quoted(wanted)} {problem} {kind}. Nothing was sent.",
        advice=f"Give the id of one of these objects: {_candidates(near)}.",
    )


def _all(kind: str, objects: Sequence[WireModel]) -> str:
    return f"Existing {kind} objects: {_candidates(objects)}." if objects else f"There is no {kind}."


def _candidates(objects: Sequence[WireModel]) -> str:
    """Return names and ids. For reason codes add the category, and for contacts the phone number."""
    some, more = bounded(objects, _CANDIDATES)
    return listed([_candidate(each) for each in some], _CANDIDATES) + (f" and {more} more" if more else "")


def _candidate(value: WireModel) -> str:
    category = getattr(value, "category", None)
    phone_number = value.phone_number if isinstance(value, Contact) else None
    more = f", {category or phone_number}" if category or phone_number else ""
    return f"{quoted(name_of(value))} (id {getattr(value, 'id', None)}{more})"


async def find_id(
    session: FinesseSession,
    kind: str,
    wanted: str | None,
    *,
    phone_book: str | None = None,
    exactly: bool = True,
) -> str | None:
    """Return the database id of the object that a text identifies. None for kinds with a single object.

    Raises:
        InvalidRequestError: no object matches, or several objects match. The error lists the candidates.
        FinesseError: the objects cannot be read.
    """
    known = CONFIGURATION[kind]
    if known.single and wanted is None:
        return None
    if wanted is None:
        raise InvalidRequestError(
            "`object` is missing. Nothing was sent.",
            advice=f"Give the id, label or name of the {kind}; list_configuration lists the objects.",
        )
    text = wanted.strip()
    if known.single or _is_id(text) or (known.default_id and text == DEFAULT):
        return text
    objects = await session.administration.list_objects(kind, phone_book=phone_book)
    return str(getattr(choose(kind, objects, text, exactly=exactly), "id", ""))


async def find_phone_book(session: FinesseSession, kind: str, wanted: str | None) -> str | None:
    """Return the id of the phone book of a contact. None for other kinds.

    Raises:
        InvalidRequestError: the phone book is not given, is ambiguous, or is given for a kind without phone
            books.
    """
    if CONFIGURATION[kind].parent != PHONE_BOOK:
        if wanted is None:
            return None
        raise InvalidRequestError(f"A {kind} does not belong to a phone book. Nothing was sent.")
    if wanted is None:
        raise InvalidRequestError(
            "`phone_book` is missing. Nothing was sent.",
            advice="Give the id or name of the contact's phone book.",
        )
    return await find_id(session, PHONE_BOOK, wanted)


async def find_team(session: FinesseSession, wanted: str, *, exactly: bool) -> str:
    """Return the id of the team identified by a text. Raises the same errors as ``find_id``."""
    if _is_id(wanted.strip()):
        return canonical_id(wanted)
    teams: list[TeamRef] = await session.administration.teams()
    return str(getattr(choose(TEAM, teams, wanted, exactly=exactly), "id", ""))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal()
