"""Determines the reason codes that an agent may use, and when a reason code is required (guide p.50)."""

from __future__ import annotations

from mcp_finesse.simulator.errors import invalid_input, parameter_missing
from mcp_finesse.simulator.world.world import ReasonCode

CATEGORIES = ("NOT_READY", "LOGOUT")


class ReasonCodes:
    """The reason codes of the system.

    Attributes:
        codes: all reason codes. The list is replaced when an administrator changes reason codes.
    """

    def __init__(self, codes: tuple[ReasonCode, ...]) -> None:
        self.codes = codes

    def listed(self, category: str, team_id: str = "") -> list[ReasonCode]:
        """Return the codes that a team may choose, without system codes. ``ALL`` means NOT_READY and LOGOUT."""
        mine = [code for code in self.codes if code.teams is None or team_id in code.teams]
        return [code for code in mine if not code.system and category in (code.category, "ALL")]

    def by_id(self, number: int) -> ReasonCode | None:
        """Return the reason code with this database id."""
        return next((code for code in self.codes if code.id == number), None)

    def system(self, category: str, code: int) -> ReasonCode:
        """Return a system reason code, e.g. 50006 for a phone taken off the hook."""
        return next(
            each for each in self.codes if each.system and (each.category, each.code) == (category, code)
        )

    def chosen(self, category: str, reason_code_id: str | None, team_id: str = "") -> ReasonCode | None:
        """Validate the reason code that an agent of a team gave for NOT_READY or LOGOUT.

        A reason code is required if the category has any reason codes. If the category has no reason codes,
        return ``None``.

        Raises:
            ApiProblem: the error Parameter Missing if no id is given, or Invalid Input if the id is not in the
                category.
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
