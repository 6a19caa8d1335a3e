"""Validates call variables: their names, sizes and arrays (guide p.87 to 91, 118). Refuses read-only variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn

from mcp_finesse.model.limits import CALL_VARIABLE_BYTES, ECC_TOTAL_BYTES, ECC_VALUE_BYTES
from mcp_finesse.redaction import truncated
from mcp_finesse.rest.validation import check_bytes, check_text, refuse, shown, size_of

_CALL_VARIABLE = re.compile(r"callVariable([1-9]|10)")
_ECC_VARIABLE = re.compile(r"(?P<name>user\.\w[\w.\-]*)(\[(?P<index>\d{1,9})\])?", re.ASCII)


def check_call_variables(variables: Mapping[str, str], ecc_lengths: Mapping[str, int] | None = None) -> None:
    """Validate names and sizes of call variables.

    ``callVariable1`` to ``callVariable10`` hold 40 bytes each. An ECC variable, such as ``user.x`` or
    ``user.x[0]``, holds 210 bytes. All ECC variables together hold 2000 bytes, including their names and
    indexes. Finesse rejects a request with duplicates, with ``BA...`` variables of the dialer, or with one name
    as both scalar and array. Finesse silently truncates ECC values that are too long.

    Args:
        variables: values by name.
        ecc_lengths: maximum bytes of the ECC variables whose configuration is known. The keys are names without
            an index. For all other ECC variables the maximum is 210 bytes.

    Raises:
        InvalidRequestError: a variable is invalid. The error names the variable, its limit and its actual
            length.
    """
    if not isinstance(variables, Mapping):
        refuse("variables is not a list of names and values.", "Give names and values.")
    names: set[tuple[str, int | None]] = set()
    ecc_bytes = 0
    for name, value in variables.items():
        identity = _check_name(name, names)
        names.add(identity)
        if name.startswith("user."):
            check_bytes(name, value, (ecc_lengths or {}).get(identity[0], ECC_VALUE_BYTES))
            ecc_bytes += size_of(name) + size_of(value)
        else:
            check_bytes(name, value, CALL_VARIABLE_BYTES)
    if ecc_bytes > ECC_TOTAL_BYTES:
        refuse(
            f"The ECC variables take {ecc_bytes} bytes with their names; the limit is {ECC_TOTAL_BYTES}.",
            "Send fewer or shorter ECC variables.",
        )


def _check_name(name: object, seen: set[tuple[str, int | None]]) -> tuple[str, int | None]:
    """Return the name and any index of a variable. Refuse duplicates, and a name used as both scalar and array."""
    text = check_text("the name of a call variable", name)
    ecc = _ECC_VARIABLE.fullmatch(text)
    if ecc is None and not _CALL_VARIABLE.fullmatch(text):
        _refuse_name(text)
    identity = (ecc["name"], int(ecc["index"]) if ecc["index"] else None) if ecc else (text, None)
    if identity in seen:
        refuse(f"The call variable {truncated(text, 40)} occurs twice.", "Give each variable once.")
    base, index = identity
    if any(other == base and (known is None) != (index is None) for other, known in seen):
        refuse(
            f"The call variable {shown(base)} is written as a scalar and as an array.",
            "Use the form that the administrator configured.",
        )
    return identity


def _refuse_name(name: str) -> NoReturn:
    if name.startswith("BA"):
        refuse(
            f"The call variable {truncated(name, 40)} belongs to the outbound dialer.",
            "This variable can be read but not written.",
        )
    refuse(
        f"{shown(name)} is not the name of a call variable.",
        "Use callVariable1 to callVariable10, user.name or user.name[index]. Upper and lower case matter.",
    )
