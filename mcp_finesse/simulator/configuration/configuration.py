"""Everything that is configured in one contact centre, the rules between its objects, and what agents see of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, cast

from mcp_finesse.simulator.authentication import Authentication
from mcp_finesse.simulator.configuration import kinds, seeds
from mcp_finesse.simulator.configuration.assignments import Assignments, for_everybody
from mcp_finesse.simulator.configuration.records import (
    Record,
    Records,
    finesse_api_error,
    in_use,
    maximum_exceeded,
)
from mcp_finesse.simulator.configuration.singles import FORMS, Single
from mcp_finesse.simulator.problems import Refusal, invalid_input
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.timing import Clock
from mcp_finesse.simulator.world import Contact, PhoneBook, ReasonCode, World, WrapUpReason
from mcp_finesse.simulator.xml_text import Element, element

GLOBAL_BOOKS = 10
TEAM_BOOKS = 300
CONTACTS_IN_ALL = 50_000
POP_OVER = 5
GLOBAL_CODES = 100
"""In each category; older guides say so, the present one only that there is a maximum (p.241)."""

_SUMMARY = ("name", "type")


class Configuration:
    """The configuration of a contact centre, shared by its nodes.

    Attributes:
        authentication: proves administrators; their lock is not that of agents (guide p.205).
        reason_codes, wrap_up_reasons, layouts, phone_books, workflows, actions: all objects of a kind.
        contacts: those of each phone book, by its id.
        singles: the objects that there is one of, by path.
        assignments: what teams were given.
        changed: called when what agents can choose from may have changed.
    """

    def __init__(self, world: World, settings: SimulatorSettings, clock: Clock) -> None:
        self.changed: Callable[[], None] = lambda: None
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
        self._rule()

    def _seed(self, world: World) -> None:
        for code in world.reason_codes:
            record = self.reason_codes.seed(str(code.id), seeds.reason_code_parts(code))
            self._give(self.reason_codes, record, code.teams)
        for reason in world.wrap_up_reasons:
            record = self.wrap_up_reasons.seed(str(reason.id), seeds.wrap_up_reason_parts(reason))
            self._give(self.wrap_up_reasons, record, reason.teams)
        for book in world.phone_books:
            record = self.phone_books.seed(book.id, seeds.phone_book_parts(book))
            self._give(self.phone_books, record, frozenset({book.team_id}) if book.team_id else None)
            contacts = self.contacts_of(record)
            for number, contact in enumerate(book.contacts, 1):
                contacts.seed(str(number), seeds.contact_parts(contact))
        self.layouts.seed(seeds.DEFAULT_LAYOUT_ID, seeds.default_layout_parts())
        self.actions.seed("1", seeds.workflow_action_parts())
        workflow = self.workflows.seed("1", seeds.workflow_parts())
        self._give(self.workflows, workflow, frozenset(team.id for team in world.teams[:1]))

    def _give(self, records: Records, record: Record, teams: frozenset[str] | None) -> None:
        for team_id in teams or ():
            self.assignments.give(team_id, records, record.id)

    def _rule(self) -> None:
        """The rules that go beyond one object."""
        for records in (self.reason_codes, self.wrap_up_reasons):
            records.guard = self._guard_code
            records.release = self._release_code
            records.changed = lambda: self.changed()
        self.reason_codes.more = lambda code: [element("systemCode", str(self.is_system(code)).lower())]
        self.phone_books.guard, self.phone_books.release = self._guard_book, self._release_book
        self.phone_books.more = lambda book: [element("contacts", f"{self.phone_books.uri(book)}/Contacts")]
        self.layouts.guard, self.layouts.release = _guard_layout, _release_layout
        self.workflows.guard = self._guard_workflow
        self.workflows.release = lambda workflow: self.assignments.forget(self.workflows, workflow)
        self.actions.release = self._release_action

    # Rules

    def is_system(self, code: Record) -> bool:
        """Whether only the system sets this reason code."""
        return code.id in self._system_ids

    def _guard_code(self, new: Record, old: Record | None) -> None:
        records = self.reason_codes if "category" in new.parts else self.wrap_up_reasons
        if old is not None and records is self.reason_codes:
            self._not_a_system_code(old)
        if not for_everybody(new):
            return
        alike = [
            each for each in records if for_everybody(each) and each.text("category") == new.text("category")
        ]
        usual = [each for each in alike if records is self.wrap_up_reasons or not self.is_system(each)]
        if sum(each.id != new.id for each in usual) >= GLOBAL_CODES:
            raise maximum_exceeded(records.kind.name)
        self.assignments.forget(records, new)

    def _release_code(self, record: Record) -> None:
        records = self.reason_codes if "category" in record.parts else self.wrap_up_reasons
        if records is self.reason_codes:
            self._not_a_system_code(record)
        self.assignments.forget(records, record)

    def _not_a_system_code(self, record: Record) -> None:
        if self.is_system(record):
            raise finesse_api_error("System reason codes cannot be changed", record.id)

    def _guard_book(self, new: Record, old: Record | None) -> None:
        kind = new.text("type")
        if old is not None and kind == "GLOBAL" and self.assignments.has_any(self.phone_books, old):
            raise in_use("PhoneBook", new.id)
        alike = sum(each.text("type") == kind and each.id != new.id for each in self.phone_books)
        if alike >= (GLOBAL_BOOKS if kind == "GLOBAL" else TEAM_BOOKS):
            raise maximum_exceeded("PhoneBook")

    def _release_book(self, book: Record) -> None:
        if self.assignments.has_any(self.phone_books, book):
            raise in_use("PhoneBook", book.id)
        self.contacts.pop(book.id, None)

    def _guard_workflow(self, new: Record, _old: Record | None) -> None:
        for node in new.find("workflowActions/WorkflowAction"):
            uri = node.findtext("uri") or ""
            if self.actions.by_uri(uri) is None:
                raise finesse_api_error("Unknown WorkflowAction", uri)

    def _release_action(self, action: Record) -> None:
        """The guide does not say what becomes of workflows whose action goes; the database's own rule is to refuse."""
        uri = self.actions.uri(action)
        for workflow in self.workflows:
            if any(node.findtext("uri") == uri for node in workflow.find("workflowActions/WorkflowAction")):
                raise finesse_api_error("A workflow uses this action", workflow.id)

    # Phone books

    def contacts_of(self, book: Record) -> Records:
        """The contacts of a phone book."""
        if book.id not in self.contacts:
            contacts = Records(kinds.CONTACT, self.phone_books.uri(book))
            contacts.guard = self._guard_contact
            self.contacts[book.id] = contacts
        return self.contacts[book.id]

    def _guard_contact(self, _new: Record, old: Record | None) -> None:
        if old is None and sum(map(len, self.contacts.values())) >= CONTACTS_IN_ALL:
            raise maximum_exceeded("Contact")

    # What agents see

    def codes_of_agents(self) -> tuple[ReasonCode, ...]:
        """All reason codes, with the teams that may choose them."""
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
        """The wrap-up reasons of a team: those for everybody, and its own."""
        return [
            WrapUpReason(
                int(each.id), each.text("label"), self.assignments.teams_of(self.wrap_up_reasons, each)
            )
            for each in self._seen(self.wrap_up_reasons, team_id)
        ]

    def books_of(self, team_id: str) -> list[PhoneBook]:
        """The phone books of a team, global ones first."""
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
        """The workflows of a team in their order, with all that their actions do."""
        return [self.workflow_xml(each, whole=True) for each in self.assignments.of(team_id, self.workflows)]

    def workflow_xml(self, workflow: Record, whole: bool = False) -> Element:
        """A workflow; of its actions name, type and uri, or all."""
        node = self.workflows.xml(workflow)
        for shown in node.iterfind("workflowActions/WorkflowAction"):
            full = self.actions.xml(self.actions.get((shown.findtext("uri") or "").rpartition("/")[2]))
            shown.extend([each for each in full if each.tag != "uri" and (whole or each.tag in _SUMMARY)])
        return node

    def default_layout(self) -> Element:
        """The layout for calls that name no other."""
        return self.layouts.xml(self.layouts.get(seeds.DEFAULT_LAYOUT_ID))

    def _seen(self, records: Records, team_id: str) -> Iterator[Record]:
        own = {record.id for record in self.assignments.of(team_id, records)}
        return (record for record in records if for_everybody(record) or record.id in own)


def _contact(record: Record) -> Contact:
    names = ("firstName", "lastName", "phoneNumber", "description")
    first, last, phone, description = (record.text(name) for name in names)
    return Contact(first, last, phone, description, record.id)


def _guard_layout(new: Record, old: Record | None) -> None:
    popping = [node for path in ("header/entry", "column/entry") for node in new.find(path)]
    if sum(node.findtext("showInPopOver") == "true" for node in popping) > POP_OVER:
        raise invalid_input("showInPopOver")
    if new.text("type") == "DEFAULT" and (old is None or old.id != seeds.DEFAULT_LAYOUT_ID):
        raise invalid_input("type")


def _release_layout(layout: Record) -> None:
    if layout.id == seeds.DEFAULT_LAYOUT_ID:
        raise Refusal(403, "Forbidden", "The default layout cannot be deleted", layout.id)
