"""Reason codes: which ones an agent may give, and when one must be given (guide p.50)."""

from __future__ import annotations

from mcp_finesse.simulator.problems import invalid_input, parameter_missing
from mcp_finesse.simulator.world import ReasonCode

CATEGORIES = ("NOT_READY", "LOGOUT")


class ReasonCodes:
    """The reason codes of the system, by database id and by code."""

    def __init__(self, codes: tuple[ReasonCode, ...]) -> None:
        self._codes = codes

    def listed(self, category: str) -> list[ReasonCode]:
        """Codes an agent may choose from; ``ALL`` is both categories. System codes are not listed."""
        return [code for code in self._codes if not code.system and category in (code.category, "ALL")]

    def by_id(self, number: int) -> ReasonCode | None:
        """The code with this database id."""
        return next((code for code in self._codes if code.id == number), None)

    def system(self, category: str, code: int) -> ReasonCode:
        """The system's own code, e.g. 50006 for a phone taken off the hook."""
        return next(
            each for each in self._codes if each.system and (each.category, each.code) == (category, code)
        )

    def chosen(self, category: str, reason_code_id: str | None) -> ReasonCode | None:
        """What an agent gave as reason for NOT_READY or LOGOUT, checked.

        Mandatory when the category has codes. ``None`` when it has none.

        Raises:
            Refusal: Parameter Missing without an id, Invalid Input for one that is not of the category.
        """
        choice = self.listed(category)
        if not reason_code_id:
            if choice:
                raise parameter_missing("reasonCodeId")
            return None
        found = next((code for code in choice if str(code.id) == reason_code_id), None)
        if found is None:
            raise invalid_input("reasonCodeId")
        return found
