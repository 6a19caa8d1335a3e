"""REST endpoints for agents that list the resources assigned to teams. There are lists by team and by user."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ApiProblem, invalid_input, parameter_missing
from mcp_finesse.simulator.publishing.xml_objects import (
    phone_books_xml,
    reason_code_xml,
    reason_codes_xml,
    wrap_up_reason_xml,
)
from mcp_finesse.simulator.rest.exchange import Exchange, Response, ok
from mcp_finesse.simulator.world.phone_books import Contact, PhoneBook
from mcp_finesse.simulator.xml_text import element

TEAM_CONTACTS = 6000
USER_CONTACTS = 1500

_RANGE = re.compile(r"objects=(\d{1,9})-(\d{1,9})")


class ResourceEndpoints:
    """The endpoints of ``/TeamResource/{id}/...``, ``/User/{id}/ReasonCodes`` and similar paths."""

    def __init__(self, center: ContactCenter) -> None:
        self._center = center

    # By team (new in 12.5)

    def team_reason_codes(self, exchange: Exchange) -> Response:
        """TeamResource—Get Reason Codes. The category is NOT_READY, LOGOUT or ALL."""
        self._check_team(exchange)
        return self._reason_codes(exchange, ("NOT_READY", "LOGOUT", "ALL"), exchange.path["team"])

    def team_wrap_up_reasons(self, exchange: Exchange) -> Response:
        """TeamResource—Get Wrap-Up Reasons."""
        self._check_team(exchange)
        return self._wrap_up_reasons("/finesse/api", exchange.path["team"])

    def team_phone_books(self, exchange: Exchange) -> Response:
        """TeamResource—Get Phone Books. Global phone books come first. The status is 206 if a range is requested."""
        self._check_team(exchange)
        return self._phone_books(exchange, exchange.path["team"], TEAM_CONTACTS)

    def team_workflows(self, exchange: Exchange) -> Response:
        """TeamResource—Get Workflows."""
        self._check_team(exchange)
        return self._workflows(exchange.path["team"])

    def team_layouts(self, exchange: Exchange) -> Response:
        """TeamResource—Get Media Properties Layouts. All teams have the same layouts."""
        self._check_team(exchange)
        return self._layouts()

    def _check_team(self, exchange: Exchange) -> None:
        team_id, record = exchange.path["team"], exchange.acting.record
        if all(team.id != team_id for team in self._center.world.teams):
            raise ApiProblem(404, "TeamId Not Found", "Invalid team", team_id)
        if team_id not in (record.team_id, *record.supervises):
            raise ApiProblem(401, "Invalid Authorization", "The user is not on the team", team_id)

    # The older lists by user (deprecated since 12.5)

    def user_reason_codes(self, exchange: Exchange) -> Response:
        """User—Get Reason Code List."""
        agent = self._center.users.own(exchange.acting, exchange.path["user"])
        return self._reason_codes(exchange, ("NOT_READY", "LOGOUT"), agent.record.team_id)

    def user_reason_code(self, exchange: Exchange) -> Response:
        """User—Get Reason Code. The reason code is global or belongs to the user's team."""
        agent, number = self._center.users.own(exchange.acting, exchange.path["user"]), exchange.path["id"]
        for code in self._center.state.codes.codes:
            if str(code.id) == number and (code.teams is None or agent.record.team_id in code.teams):
                return ok(reason_code_xml(code))
        raise ApiProblem(404, "Not Found", "Unknown reason code", number)

    def user_wrap_up_reasons(self, exchange: Exchange) -> Response:
        """User—Get Wrap-Up Reason List."""
        agent = self._center.users.own(exchange.acting, exchange.path["user"])
        return self._wrap_up_reasons(f"/finesse/api/User/{agent.id}", agent.record.team_id)

    def user_wrap_up_reason(self, exchange: Exchange) -> Response:
        """User—Get Wrap-Up Reason."""
        agent = self._center.users.own(exchange.acting, exchange.path["user"])
        for reason in self._center.configuration.reasons_of(agent.record.team_id):
            if str(reason.id) == exchange.path["id"]:
                return ok(wrap_up_reason_xml(reason, f"/finesse/api/User/{agent.id}"))
        raise ApiProblem(404, "Not Found", "Unknown wrap-up reason", exchange.path["id"])

    def user_phone_books(self, exchange: Exchange) -> Response:
        """User—Get List of Phone Books."""
        agent = self._center.users.own(exchange.acting, exchange.path["user"])
        return self._phone_books(exchange, agent.record.team_id, USER_CONTACTS)

    def user_workflows(self, exchange: Exchange) -> Response:
        """User—Get List of Workflows."""
        return self._workflows(self._center.users.own(exchange.acting, exchange.path["user"]).record.team_id)

    def user_layouts(self, exchange: Exchange) -> Response:
        """User—Get Media Properties Layout List."""
        self._center.users.own(exchange.acting, exchange.path["user"])
        return self._layouts()

    def user_default_layout(self, exchange: Exchange) -> Response:
        """User—Get Default Media Properties Layout."""
        self._center.users.own(exchange.acting, exchange.path["user"])
        return ok(self._center.configuration.default_layout())

    # Shared

    def _reason_codes(self, exchange: Exchange, categories: tuple[str, ...], team_id: str) -> Response:
        category = exchange.query.get("category", "")
        if not category:
            raise parameter_missing("category")
        if category not in categories:
            raise invalid_input("category")
        return ok(reason_codes_xml(category, self._center.state.codes.listed(category, team_id)))

    def _workflows(self, team_id: str) -> Response:
        return ok(element("Workflows", self._center.configuration.workflows_of(team_id)))

    def _layouts(self) -> Response:
        layouts = self._center.configuration.layouts
        return ok(element("MediaPropertiesLayouts", [layouts.xml(each) for each in layouts]))

    def _wrap_up_reasons(self, base: str, team_id: str) -> Response:
        reasons = self._center.configuration.reasons_of(team_id)
        return ok(element("WrapUpReasons", [wrap_up_reason_xml(reason, base) for reason in reasons]))

    def _phone_books(self, exchange: Exchange, team_id: str, limit: int) -> Response:
        first, last = _range(exchange.headers.get("range"), limit)
        node = phone_books_xml(_window(self._center.configuration.books_of(team_id), first, last))
        return ok(node, 206 if "range" in exchange.headers else 200)


def _range(header: str | None, limit: int) -> tuple[int, int]:
    """Return the first and last index, counted from 1. Without the header (12.6(2)), the last index is the limit."""
    if header is None:
        return 1, limit
    match = _RANGE.fullmatch(header.strip())
    if match is None or not 1 <= int(match[1]) <= int(match[2]) <= limit:
        raise ApiProblem(416, "Range Not Satisfiable", "Invalid Range Specified", header)
    return int(match[1]), int(match[2])


def _window(
    books: list[PhoneBook], first: int, last: int
) -> Iterator[tuple[PhoneBook, list[tuple[int, Contact]]]]:
    """Yield phone books with their contacts in the range. Contacts are counted across all phone books."""
    start = 1
    for book in books:
        numbered = list(enumerate(book.contacts, 1))
        wanted = [(number, contact) for number, contact in numbered if first <= start + number - 1 <= last]
        if wanted:
            yield book, wanted
        start += len(numbered)
