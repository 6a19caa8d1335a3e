"""Configuration rules that involve several objects: references, global limits and derived elements."""

from __future__ import annotations

from mcp_finesse.simulator.configuration import seeds
from mcp_finesse.simulator.configuration.assignments import for_everybody
from mcp_finesse.simulator.configuration.configuration import Configuration
from mcp_finesse.simulator.configuration.records import Record, finesse_api_error, in_use, maximum_exceeded
from mcp_finesse.simulator.errors import ApiProblem, invalid_input
from mcp_finesse.simulator.xml_text import Element, element

GLOBAL_BOOKS = 10
TEAM_BOOKS = 300
CONTACTS_IN_ALL = 50_000
POP_OVER = 5
GLOBAL_CODES = 100
"""Maximum of global reason codes per category, from older guides. The current guide gives no number (p.241)."""

_SUMMARY = ("name", "type")


def enforce(configuration: Configuration) -> None:
    """Enforce the rules on the objects of a configuration."""
    Rules(configuration).enforce()


class Rules:
    """The rules of one configuration."""

    def __init__(self, configuration: Configuration) -> None:
        self._config = configuration

    def enforce(self) -> None:
        """Register the rules as guards of the objects, and add derived elements to the XML of the objects."""
        config = self._config
        for records in (config.reason_codes, config.wrap_up_reasons):
            records.guard, records.release = self._guard_code, self._release_code
            records.changed = lambda: config.changed()
        config.reason_codes.finish = self._finish_code
        config.phone_books.guard, config.phone_books.release = self._guard_book, self._release_book
        config.phone_books.finish = self._finish_book
        config.guard_contact = self._guard_contact
        config.layouts.guard, config.layouts.release = _guard_layout, _release_layout
        config.workflows.guard, config.workflows.finish = self._guard_workflow, self._finish_workflow
        config.workflows.release = lambda workflow: config.assignments.forget(config.workflows, workflow)
        config.actions.release = self._release_action

    def _guard_code(self, new: Record, old: Record | None) -> None:
        records = self._config.reason_codes if "category" in new.parts else self._config.wrap_up_reasons
        if old is not None and records is self._config.reason_codes:
            self._not_a_system_code(old)
        if not for_everybody(new):
            return
        same_type = [
            each for each in records if for_everybody(each) and each.text("category") == new.text("category")
        ]
        usual = [
            each for each in same_type if "category" not in each.parts or not self._config.is_system(each)
        ]
        if sum(each.id != new.id for each in usual) >= GLOBAL_CODES:
            raise maximum_exceeded(records.kind.name)
        self._config.assignments.forget(records, new)

    def _release_code(self, record: Record) -> None:
        records = self._config.reason_codes if "category" in record.parts else self._config.wrap_up_reasons
        if records is self._config.reason_codes:
            self._not_a_system_code(record)
        self._config.assignments.forget(records, record)

    def _not_a_system_code(self, record: Record) -> None:
        if self._config.is_system(record):
            raise finesse_api_error("System reason codes cannot be changed", record.id)

    def _guard_book(self, new: Record, old: Record | None) -> None:
        kind = new.text("type")
        books = self._config.phone_books
        if old is not None and kind == "GLOBAL" and self._config.assignments.has_any(books, old):
            raise in_use("PhoneBook", new.id)
        same_type = sum(each.text("type") == kind and each.id != new.id for each in books)
        if same_type >= (GLOBAL_BOOKS if kind == "GLOBAL" else TEAM_BOOKS):
            raise maximum_exceeded("PhoneBook")

    def _release_book(self, book: Record) -> None:
        if self._config.assignments.has_any(self._config.phone_books, book):
            raise in_use("PhoneBook", book.id)
        self._config.contacts.pop(book.id, None)

    def _guard_contact(self, _new: Record, old: Record | None) -> None:
        if old is None and sum(map(len, self._config.contacts.values())) >= CONTACTS_IN_ALL:
            raise maximum_exceeded("Contact")

    def _guard_workflow(self, new: Record, _old: Record | None) -> None:
        for node in new.find("workflowActions/WorkflowAction"):
            uri = node.findtext("uri") or ""
            if self._config.actions.by_uri(uri) is None:
                raise finesse_api_error("Unknown WorkflowAction", uri)

    def _release_action(self, action: Record) -> None:
        """Reject the deletion of an action that a workflow uses. This rule is a guess at a database constraint."""
        uri = self._config.actions.uri(action)
        for workflow in self._config.workflows:
            if any(node.findtext("uri") == uri for node in workflow.find("workflowActions/WorkflowAction")):
                raise finesse_api_error("A workflow uses this action", workflow.id)

    # Derived elements

    def _finish_code(self, code: Record, node: Element) -> None:
        node.append(element("systemCode", str(self._config.is_system(code)).lower()))

    def _finish_book(self, book: Record, node: Element) -> None:
        node.append(element("contacts", f"{self._config.phone_books.uri(book)}/Contacts"))

    def _finish_workflow(self, _workflow: Record, node: Element) -> None:
        """Add the name and type of each action to a workflow, as administrators see it."""
        self._config.show_actions(node, _SUMMARY)


def _guard_layout(new: Record, old: Record | None) -> None:
    popping = [node for path in ("header/entry", "column/entry") for node in new.find(path)]
    if sum(node.findtext("showInPopOver") == "true" for node in popping) > POP_OVER:
        raise invalid_input("showInPopOver")
    if new.text("type") == "DEFAULT" and (old is None or old.id != seeds.DEFAULT_LAYOUT_ID):
        raise invalid_input("type")


def _release_layout(layout: Record) -> None:
    if layout.id == seeds.DEFAULT_LAYOUT_ID:
        raise ApiProblem(403, "Forbidden", "The default layout cannot be deleted", layout.id)
