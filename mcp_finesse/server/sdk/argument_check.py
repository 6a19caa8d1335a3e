"""Checks the arguments of every tool for unknown names, ``null``, blank text and redacted values.

Models and strict schema converters fill optional arguments with ``null`` or ``""`` instead of omitting them.
``null`` always means that the argument is omitted. Tools that only read treat blank text like ``null``. Tools that
write refuse blank text, because it could select an action that was not intended. For example, a blind transfer
without an address would complete a consult transfer.

A value that this server redacted is refused as an argument of every tool, because writing it to Finesse would
replace the real value.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from typing import Any

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.redaction import REDACTED, truncated

_MAX_NAME = 80
_MAX_NAMES = 20
_NOTHING_SENT = " Nothing was sent."
_OMIT = re.compile(r"\bOmit ([^.;]+)")
"""Matches the part of an argument's description that states the effect of omitting the argument."""


def check_arguments(
    arguments: Mapping[str, Any],
    schema: Mapping[str, Any],
    *,
    writes: bool,
    may_be_blank: Collection[str] = (),
) -> dict[str, Any]:
    """Return the arguments, except those whose value means that the argument is omitted.

    Args:
        arguments: the arguments that the client sent.
        schema: the tool's input schema.
        writes: whether the tool may change something in Finesse.
        may_be_blank: the arguments for which blank text is content, such as the body of a request.

    Raises:
        InvalidRequestError: an argument is unknown, contains a redacted value, or is blank where blank text is
            refused.
    """
    properties: Mapping[str, Any] = schema.get("properties", {})
    if unknown := [name for name in arguments if name not in properties]:
        raise InvalidRequestError(_unknown(unknown, list(properties)))
    present = {name: value for name, value in arguments.items() if value is not None}
    required = schema.get("required", ())
    for name, value in tuple(present.items()):
        if _contains_redacted(value):
            raise InvalidRequestError(_redacted(name))
        if isinstance(value, list) and any(map(_is_blank, value)):
            raise InvalidRequestError(f"{name} contains an empty item.{_NOTHING_SENT if writes else ''}")
        if not _is_blank(value) or name in may_be_blank:
            continue
        if writes or name in required:
            raise InvalidRequestError(_blank(name, properties[name], name in required, writes))
        del present[name]
    return present


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


def _contains_redacted(value: object, depth: int = 20) -> bool:
    """Return whether a text in the value contains the marker of redacted values."""
    if isinstance(value, str):
        return REDACTED in value.lower()
    if depth == 0:
        return False
    if isinstance(value, Mapping):
        return any(_contains_redacted(each, depth - 1) for pair in value.items() for each in pair)
    return isinstance(value, list) and any(_contains_redacted(each, depth - 1) for each in value)


def _redacted(name: str) -> str:
    return (
        f"{name} contains {REDACTED}. This marker stands for a value that this server does not show, and "
        f"sending it would replace the real value, or not match it.{_NOTHING_SENT} Omit this value, or give a new one."
    )


def _unknown(names: list[str], known: list[str]) -> str:
    shown = ", ".join(repr(truncated(name, _MAX_NAME)) for name in names[:_MAX_NAMES])
    close = difflib.get_close_matches(names[0][:_MAX_NAME].lower(), known, 1)
    guess = f" Did you mean {close[0]}?" if close else ""
    accepted = f"Accepted arguments: {', '.join(known)}." if known else "The tool accepts no arguments."
    return f"Unknown argument {shown}.{guess} {accepted}"


def _blank(name: str, schema: Mapping[str, Any], required: bool, writes: bool) -> str:
    omitted = _OMIT.search(schema.get("description", ""))
    advice = "" if required else f"; omit it {omitted[1].strip()}" if omitted else "; omit it or give a value"
    return f"{name} is empty{advice}.{_NOTHING_SENT if writes else ''}"
