"""The configuration of one contact center, and the parts of the configuration that agents can read."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import Literal, cast

from mcp_finesse.simulator.authentication import Authentication
from mcp_finesse.simulator.configuration import kinds, seeds
from mcp_finesse.simulator.configuration.assignments import Assignments, for_everybody
from mcp_finesse.simulator.configuration.records import Guard, Record, Records
from mcp_finesse.simulator.configuration.singles import FORMS, Single
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.timing import Clock
from mcp_finesse.simulator.world.phone_books import Contact, PhoneBook
from mcp_finesse.simulator.world.world import ReasonCode, World, WrapUpReason
from mcp_finesse.simulator.xml_text import Element


class Configuration:
    """The configuration of a contact center, shared by its nodes.

    Attributes:
        authentication: authenticates administrators. The account lock of administrators is separate from that
            of agents (guide p.205).
        reason_codes, wrap_up_reasons, layouts, phone_books, workflows, actions: all objects of the named kind.
        contacts: contacts by phone book id.
        singles: singleton objects by path.
        assignments: the objects that are assigned to each team.
        changed: a function that is called when the codes and reasons that agents can choose may have changed.
        guard_contact: a function that is called before a contact is stored.
    """

    def __init__(self, world: World, settings: SimulatorSettings, clock: Clock) -> None:
        self.changed: Callable[[], None] = lambda: None
        self.guard_contact: Guard = lambda _new, _old: None
        self.administrator = world.administrator
        self.authentication = Authentication(
            {world.administrator.id: world.administrator.password}, clock, settings.time_scale
        )
        self.assignments = Assignments(team.id for team in world.teams)
        self.reason_codes = Records(kinds.reason_code(settings.platform))
        self.wrap_up_reasons = Records(kinds.WRAP_UP_REASON)
        self.layouts = Records(kinds.MEDIA_PROPERTIES_LAYOUT)
        self.phone_books = Records(kinds.PHONE_BOOK)
        self.contacts: dict[str, Records] = {}
        self.workflows = Records(kinds.WORKFLOW)
        self.actions = Records(kinds.WORKFLOW_ACTION)
        self.singles = {form.path: Single(form) for form in FORMS}
        self._system_ids = {str(code.id) for code in world.reason_codes if code.system}
        self._seed(world)

    def _seed(self, world: World) -> None:
        for code in world.reason_codes:
            record = self.reason_codes.seed(str(code.id), seeds.reason_code_parts(code))
            self._assign_to_teams(self.reason_codes, record, code.teams)
        for reason in world.wrap_up_reasons:
            record = self.wrap_up_reasons.seed(str(reason.id), seeds.wrap_up_reason_parts(reason))
            self._assign_to_teams(self.wrap_up_reasons, record, reason.teams)
        for book in world.phone_books:
            record = self.phone_books.seed(book.id, seeds.phone_book_parts(book))
            self._assign_to_teams(
                self.phone_books, record, frozenset({book.team_id}) if book.team_id else None
            )
            contacts = self.contacts_of(record)
            for number, contact in enumerate(book.contacts, 1):
                contacts.seed(str(number), seeds.contact_parts(contact))
        self.layouts.seed(seeds.DEFAULT_LAYOUT_ID, seeds.default_layout_parts())
        self.actions.seed("1", seeds.workflow_action_parts())
        workflow = self.workflows.seed("1", seeds.workflow_parts())
        self._assign_to_teams(self.workflows, workflow, frozenset(team.id for team in world.teams[:1]))

    def _assign_to_teams(self, records: Records, record: Record, teams: frozenset[str] | None) -> None:
        for team_id in teams or ():
            self.assignments.give(team_id, records, record.id)

    def is_system(self, code: Record) -> bool:
        """Return whether a reason code is a system reason code."""
        return code.id in self._system_ids

    # Phone books

    def contacts_of(self, book: Record) -> Records:
        """Return the contacts of a phone book."""
        if book.id not in self.contacts:
            contacts = Records(kinds.CONTACT, self.phone_books.uri(book))
            contacts.guard = lambda new, old: self.guard_contact(new, old)
            self.contacts[book.id] = contacts
        return self.contacts[book.id]

    # What agents can read

    def codes_of_agents(self) -> tuple[ReasonCode, ...]:
        """Return all reason codes, with the teams that may choose them."""
        return tuple(
            ReasonCode(
                int(record.id),
                cast('Literal["NOT_READY", "LOGOUT"]', record.text("category")),
                int(record.text("code")),
                record.text("label"),
                self.is_system(record),
                self.assignments.teams_of(self.reason_codes, record),
            )
            for record in self.reason_codes
        )

    def reasons_of(self, team_id: str) -> list[WrapUpReason]:
        """Return the global wrap-up reasons and the wrap-up reasons that are assigned to the team."""
        return [
            WrapUpReason(
                int(each.id), each.text("label"), self.assignments.teams_of(self.wrap_up_reasons, each)
            )
            for each in self._seen(self.wrap_up_reasons, team_id)
        ]

    def books_of(self, team_id: str) -> list[PhoneBook]:
        """Return the phone books of a team. Global phone books come first."""
        books = sorted(self._seen(self.phone_books, team_id), key=lambda book: book.text("type"))
        return [
            PhoneBook(
                book.id,
                book.text("name"),
                tuple(_contact(contact) for contact in self.contacts_of(book)),
                team_id if book.text("type") == "TEAM" else None,
            )
            for book in books
        ]

    def workflows_of(self, team_id: str) -> list[Element]:
        """Return the workflows of a team in order. Each workflow contains its complete actions."""
        workflows = [self.workflows.xml(each) for each in self.assignments.of(team_id, self.workflows)]
        for workflow in workflows:
            self.show_actions(workflow, [field.name for field in self.actions.kind.fields])
        return workflows

    def show_actions(self, workflow: Element, names: Container[str]) -> None:
        """Add these fields to the actions of a workflow's XML."""
        for shown in workflow.iterfind("workflowActions/WorkflowAction"):
            action = self.actions.get((shown.findtext("uri") or "").rpartition("/")[2])
            there = {each.tag for each in shown}
            shown.extend(
                [each for each in self.actions.xml(action) if each.tag in names and each.tag not in there]
            )

    def default_layout(self) -> Element:
        """Return the call variable layout for calls that do not name a layout."""
        return self.layouts.xml(self.layouts.get(seeds.DEFAULT_LAYOUT_ID))

    def _seen(self, records: Records, team_id: str) -> Iterator[Record]:
        own = {record.id for record in self.assignments.of(team_id, records)}
        return (record for record in records if for_everybody(record) or record.id in own)


def _contact(record: Record) -> Contact:
    names = ("firstName", "lastName", "phoneNumber", "description")
    first, last, phone, description = (record.text(name) for name in names)
    return Contact(first, last, phone, description, record.id)
