"""Field-by-field differences between a requested object and the object that was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from mcp_finesse.model.admin import ContactContent, Content
from mcp_finesse.redaction import truncated
from mcp_finesse.session.actions.outcome import DifferenceInfo

_SHOWN = 200


def differences(asked: Content, found: BaseModel) -> tuple[DifferenceInfo, ...]:
    """Return the fields given in ``asked`` that differ in ``found``. Whitespace around lines is ignored."""
    return tuple(
        DifferenceInfo(field=name, asked=_shown(wanted), got=_shown(got))
        for name in type(asked).model_fields
        if name in asked.given()
        for wanted, got in [(_plain(getattr(asked, name)), _plain(getattr(found, name, None)))]
        if not _contains(wanted, got)
    )


def given_values(asked: Content, found: BaseModel) -> dict[str, Any]:
    """Return, for each field given in ``asked``, the value in ``found``."""
    return {name: _plain(getattr(found, name, None)) for name in sorted(asked.given())}


def id_differences(asked: Iterable[str], found: Iterable[str]) -> tuple[DifferenceInfo, ...]:
    """Compare requested and assigned ids. Return missing and additional ids, or the order if only the order differs."""
    wanted, there = list(asked), list(found)
    if wanted == there:
        return ()
    if sorted(wanted) == sorted(there):
        return (DifferenceInfo(field="order", asked=", ".join(wanted), got=", ".join(there)),)
    return (DifferenceInfo(field="ids", asked=", ".join(wanted), got=", ".join(there)),)


def contact_differences(
    asked: Sequence[ContactContent], found: Sequence[ContactContent]
) -> tuple[DifferenceInfo, ...]:
    """Return the contacts that are in only one of the two lists, regardless of order."""
    wanted, there = contact_lines(asked), contact_lines(found)
    missing = [DifferenceInfo(field="contact", asked=line, got="") for line in (wanted - there).elements()]
    more = [DifferenceInfo(field="contact", asked="", got=line) for line in (there - wanted).elements()]
    return (*missing, *more)


def contact_lines(contacts: Iterable[ContactContent]) -> Counter[str]:
    """Return the number of occurrences of each contact. Each key is a contact as one line of text."""
    return Counter(map(_contact_line, contacts))


def _contact_line(contact: ContactContent) -> str:
    parts = (contact.first_name, contact.last_name, contact.phone_number, contact.description)
    return ", ".join((part or "").strip() for part in parts)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_none=True)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _contains(asked: Any, got: Any) -> bool:
    """Return whether ``got`` contains all requested values. An empty value counts as a missing value."""
    if isinstance(asked, Mapping):
        there = got if isinstance(got, Mapping) else {}
        return all(_contains(value, there.get(name)) for name, value in asked.items())
    if isinstance(asked, list):
        items = got or []
        return len(asked) == len(items) and all(map(_contains, asked, items))
    if isinstance(asked, str):
        return list(_stripped_lines(asked)) == list(_stripped_lines(got or ""))
    return bool(asked == got)


def _stripped_lines(text: object) -> Iterator[str]:
    """Split text into stripped lines, because Finesse may return a long text with different whitespace."""
    return (line.strip() for line in str(text).strip().splitlines())


def _shown(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= _SHOWN else f"{truncated(text, _SHOWN, with_numbers=False)}..."
