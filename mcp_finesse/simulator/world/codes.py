"""Reason codes: which ones an agent may give, and when one must be given (guide p.50)."""

from __future__ import annotations

from mcp_finesse.simulator.errors import invalid_input, parameter_missing
from mcp_finesse.simulator.world.world import ReasonCode

CATEGORIES = ("NOT_READY", "LOGOUT")


class ReasonCodes:
    """The reason codes of the system, by database id and by code.

    Attributes:
        codes: all of them; replaced when an administrator changes something.
    """

    def __init__(self, codes: tuple[ReasonCode, ...]) -> None:
        self.codes = codes

    def listed(self, category: str, team_id: str = "") -> list[ReasonCode]:
        """Codes that a team may choose from; ``ALL`` is both categories. System codes are not listed."""
        mine = [code for code in self.codes if code.teams is None or team_id in code.teams]
        return [code for code in mine if not code.system and category in (code.category, "ALL")]

    def by_id(self, number: int) -> ReasonCode | None:
        """The code with this database id."""
        return next((code for code in self.codes if code.id == number), None)

    def system(self, category: str, code: int) -> ReasonCode:
        """The system's own code, e.g. 50006 for a phone taken off the hook."""
        return next(
            each for each in self.codes if each.system and (each.category, each.code) == (category, code)
        )

    def chosen(self, category: str, reason_code_id: str | None, team_id: str = "") -> ReasonCode | None:
        """What an agent of a team gave as reason for NOT_READY or LOGOUT, checked.

        Mandatory when the category has codes. ``None`` when it has none.

        Raises:
            ApiProblem: Parameter Missing without an id, Invalid Input for one that is not of the category.
        """
        choice = self.listed(category, team_id)
        if not reason_code_id:
            if choice:
                raise parameter_missing("reasonCodeId")
            return None
        found = next((code for code in choice if str(code.id) == reason_code_id), None)
        if found is None:
            raise invalid_input("reasonCodeId")
        return found
