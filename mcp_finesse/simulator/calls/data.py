"""Validates call variables and wrap-up reasons. Values are rejected or truncated (guide p.87 to 91)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mcp_finesse.simulator.calls.calls import Call
from mcp_finesse.simulator.errors import CtiError, invalid_input
from mcp_finesse.simulator.world.world import EccVariable

CALL_VARIABLES = frozenset(f"callVariable{number}" for number in range(1, 11))
CALL_VARIABLE_BYTES = 40
WRAP_UP_REASON_BYTES = 40
ECC_BYTES = 2000

_INDEXED = re.compile(r"(?P<name>[^\[\]]+)(\[(?P<index>[0-9]{1,9})\])?")


@dataclass(frozen=True, slots=True)
class CallData:
    """The content of an UPDATE_CALL_DATA request. Names and values are kept as received, including duplicates.

    ``None`` leaves the wrap-up reason unchanged, or on CCX the list of wrap-up reasons.
    """

    variables: tuple[tuple[str, str], ...]
    wrap_up_reason: str | None = None
    wrap_up_items: tuple[str, ...] | None = None

    @property
    def has_values(self) -> bool:
        """Whether the request contains anything to write."""
        return bool(self.variables) or self.wrap_up_reason is not None or self.wrap_up_items is not None


class CallDataRules:
    """Validates call data and applies it to calls."""

    def __init__(self, ecc_variables: Iterable[EccVariable]) -> None:
        self._ecc = {variable.name: variable for variable in ecc_variables}

    def check_names(self, names: list[str]) -> None:
        """Check the names of the call variables, as Finesse does before it responds with 202.

        Raises:
            ApiProblem: the error Invalid Input, if a name is unknown, is a duplicate, or belongs to a BA
                variable.
        """
        for name in names:
            if not self._known(name) or names.count(name) > 1:
                raise invalid_input(name)

    def _known(self, name: str) -> bool:
        match = _INDEXED.fullmatch(name)
        return name in CALL_VARIABLES or (match is not None and match["name"] in self._ecc)

    def stored_values(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Return the values as stored by CTI, which silently truncates ECC values that are too long.

        Raises:
            CtiError: a call variable has over 40 bytes, a scalar is used as an array, an array is used as a
                scalar, an index is out of bounds, or the ECC data have over 2000 bytes. In all these cases
                nothing is applied.
        """
        stored = {name: self._stored_value(name, value) for name, value in variables.items()}
        ecc_size = sum(
            _size(name) + _size(value) for name, value in stored.items() if name not in CALL_VARIABLES
        )
        if ecc_size > ECC_BYTES:
            raise _out_of_range()
        return stored

    def _stored_value(self, name: str, value: str) -> str:
        if name in CALL_VARIABLES:
            if _size(value) > CALL_VARIABLE_BYTES:
                raise _out_of_range()
            return value
        match = _INDEXED.fullmatch(name)
        variable = self._ecc[match["name"]] if match else self._ecc[name]
        index = match["index"] if match else None
        if (index is None) != (variable.size is None) or int(index or 0) >= (variable.size or 1):
            raise _out_of_range()
        return value.encode()[: variable.length].decode(errors="ignore")

    def apply(self, call: Call, data: CallData) -> bool:
        """Write the data to a call. Return whether any value changed, because only a change causes a notification.

        Raises:
            CtiError: ``stored_values`` rejects a value, the call was not routed but variables are given, or a wrap-up
                reason is too long.
        """
        if data.variables and not call.routed:
            raise CtiError("Call Variable is protected", "CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE", "8")
        reasons = (data.wrap_up_reason or "", *(data.wrap_up_items or ()))
        if any(_size(reason) > WRAP_UP_REASON_BYTES for reason in reasons):
            raise _out_of_range()
        before = dict(call.variables), call.wrap_up_reason, call.wrap_up_items
        call.variables.update(self.stored_values(dict(data.variables)))
        if data.wrap_up_reason is not None:
            call.wrap_up_reason = data.wrap_up_reason
        if data.wrap_up_items is not None:
            call.wrap_up_items = data.wrap_up_items
        return before != (call.variables, call.wrap_up_reason, call.wrap_up_items)


def _size(text: str) -> int:
    return len(text.encode())


def _out_of_range() -> CtiError:
    return CtiError("Invalid Input", "CF_VALUE_OUT_OF_RANGE", "3")
