"""Describes the fields of configuration objects in a compact TypeScript-like notation, which models read well.

A JSON schema of all kinds of objects would take about six times as many tokens. The schema does not need to
exclude invalid content, because such content is refused with an error for each field before anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args, get_origin

from mcp_finesse.model.admin import Content
from mcp_finesse.model.admin.limits import OneOf
from mcp_finesse.session import CONFIGURATION

_TYPES = {int: "int", bool: "bool"}


def signatures(kinds: Iterable[str], *, creating: bool) -> str:
    """Return kinds with their fields, such as ``WrapUpReason{label, for_all:bool}``. A field without a type is text.

    Args:
        kinds: the names of writable kinds in ``CONFIGURATION``.
        creating: whether the object is new. If so, optional fields are marked with ``?``.
    """
    return "; ".join(_signature(kind, creating) for kind in kinds)


def _signature(kind: str, creating: bool) -> str:
    known = CONFIGURATION[kind]
    assert known.content is not None  # noqa: S101  (only writable objects have fields)
    needed = set(known.required) if creating else set(known.content.model_fields)
    return kind + _fields(known.content, needed, set())


def _fields(content: type[Content], needed: set[str] | None, described: set[type]) -> str:
    """Return the fields in braces. For nested objects ``needed`` is None, and no field is marked as optional."""
    parts = []
    for name, info in content.model_fields.items():
        if name == "extra":
            continue
        optional = "?" if needed is not None and name not in needed else ""
        kind = _type(info.annotation, info.metadata, described)
        parts.append(f"{name}{optional}:{kind}" if kind else f"{name}{optional}")
    return "{" + ", ".join(parts) + "}"


def _type(annotation: Any, marks: Iterable[Any], described: set[type]) -> str:
    words = next((mark.words for mark in marks if isinstance(mark, OneOf)), ())
    if words:
        return "|".join(words)
    kinds = [each for each in get_args(annotation) if each is not type(None)] or [annotation]
    kind = kinds[0]
    if get_origin(kind) is list:
        inner = _type(get_args(kind)[0], (), described)
        return f"[{inner}]"
    if isinstance(kind, type) and issubclass(kind, Content):
        if kind in described:
            return kind.__name__
        described.add(kind)
        return f"{kind.__name__}{_fields(kind, None, described)}"
    return _TYPES.get(kind, "")
