"""Assignments of reason codes, wrap-up reasons, phone books, workflows and layouts to teams (guide p.315 to 328)."""

from __future__ import annotations

from collections.abc import Iterable

from mcp_finesse.simulator.configuration.fields import Field, boolean, layout_xml, take
from mcp_finesse.simulator.configuration.records import Record, Records, finesse_api_error, maximum_exceeded
from mcp_finesse.simulator.configuration.singles import DEFAULT_LAYOUT
from mcp_finesse.simulator.errors import ApiProblem, invalid_input, parameter_missing
from mcp_finesse.simulator.xml_text import Element, element

WORKFLOWS_PER_TEAM = 20
_LAYOUT = (Field("useDefault", boolean, required=True), Field("layoutxml", layout_xml()))


def for_everybody(record: Record) -> bool:
    """Return whether the object is global. All teams have a global object without an assignment."""
    return record.text("forAll") == "true" or record.text("type") == "GLOBAL"


class Assignments:
    """The objects that are assigned to each team, in order, and the layouts of teams."""

    def __init__(self, team_ids: Iterable[str]) -> None:
        self._teams = frozenset(team_ids)
        self._assigned: dict[tuple[str, str], list[str]] = {}
        self._layouts: dict[str, str] = {}

    def require_team(self, team_id: str) -> str:
        """Return the id of an existing team.

        Raises:
            ApiProblem: status 404 with the error type and message of the guide (p.328), if the team does not
                exist.
        """
        if team_id not in self._teams:
            kind = "finesse.api.team.team_assignment_invalid_team"
            raise ApiProblem(404, kind, "This is not a valid team", team_id)
        return team_id

    def of(self, team_id: str, records: Records) -> list[Record]:
        """Return the objects of one kind that are assigned to a team, in order."""
        assigned = self._assigned.get((records.kind.name, team_id), [])
        return [record for record_id in assigned if (record := records.find(record_id)) is not None]

    def give(self, team_id: str, records: Records, *record_ids: str) -> None:
        """Assign objects to a team."""
        self._assigned.setdefault((records.kind.name, team_id), []).extend(record_ids)

    def replace(self, team_id: str, records: Records, body: Element, category: str = "") -> None:
        """Replace a team's assignments of one kind, or of one reason code category. If one is invalid, nothing changes.

        Raises:
            ApiProblem: one of the errors Parameter Missing, Finesse API Error or Maximum Exceeded.
        """
        wanted = [self._requested(records, node, category) for node in body.findall(records.kind.name)]
        if records.kind.name == "Workflow" and len(wanted) > WORKFLOWS_PER_TEAM:
            raise maximum_exceeded("Workflow")
        kept = [
            each.id for each in self.of(team_id, records) if category and each.text("category") != category
        ]
        self._assigned[records.kind.name, team_id] = [*kept, *dict.fromkeys(each.id for each in wanted)]

    def has_any(self, records: Records, record: Record) -> bool:
        """Return whether the object is assigned to any team."""
        return any(record.id in self._assigned.get((records.kind.name, team), ()) for team in self._teams)

    def teams_of(self, records: Records, record: Record) -> frozenset[str] | None:
        """Return the teams that have the object. None if all teams have the object."""
        if for_everybody(record):
            return None
        assigned = self._assigned
        return frozenset(
            team for team in self._teams if record.id in assigned.get((records.kind.name, team), ())
        )

    def forget(self, records: Records, record: Record) -> None:
        """Remove the object from every team."""
        for team_id in self._teams:
            assigned = self._assigned.get((records.kind.name, team_id), [])
            if record.id in assigned:
                assigned.remove(record.id)

    def layout_xml(self, team_id: str, default: str) -> Element:
        """Return the layout of a team."""
        own = self._layouts.get(team_id)
        return element(
            "TeamLayoutConfig",
            [
                element("uri", f"/finesse/api/Team/{team_id}/LayoutConfig"),
                element("useDefault", "true" if own is None else "false"),
                element("layoutxml", own or default or DEFAULT_LAYOUT),
            ],
        )

    def change_layout(self, team_id: str, body: Element) -> None:
        """Set the team's own layout, or the default layout. With ``useDefault`` a layout in the body is ignored.

        Raises:
            ApiProblem: the error Parameter Missing or Invalid Input.
        """
        (use_default,) = take(_LAYOUT[:1], body)["useDefault"]
        if use_default.text == "true":
            self._layouts.pop(team_id, None)
            return
        parts = take(_LAYOUT, body)
        if "layoutxml" not in parts:
            raise parameter_missing("layoutxml")
        self._layouts[team_id] = parts["layoutxml"][0].text or ""

    def _requested(self, records: Records, node: Element, category: str) -> Record:
        uri = (node.findtext("uri") or "").strip()
        if not uri:
            raise parameter_missing("uri")
        record = records.by_uri(uri)
        if record is None or for_everybody(record):
            raise finesse_api_error(f"This is not a {records.kind.name} that can be assigned", uri)
        if category and record.text("category") != category:
            raise invalid_input("category")
        return record
