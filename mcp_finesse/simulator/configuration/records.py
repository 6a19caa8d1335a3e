"""Stores, changes and deletes the objects of one kind. The rules are common to all kinds (guide p.205)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import count

from mcp_finesse.simulator.configuration.fields import Parts, take
from mcp_finesse.simulator.configuration.kinds import Kind
from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.xml_text import Element, element


class Record:
    """A stored object."""

    def __init__(self, record_id: str, parts: Parts) -> None:
        self.id = record_id
        self.parts = parts

    def text(self, name: str) -> str:
        """Return the text of a field. Empty if the field has no text."""
        nodes = self.parts.get(name)
        return (nodes[-1].text or "") if nodes else ""

    def find(self, path: str) -> list[Element]:
        """Return the elements at a path whose first part is a field name."""
        name, _, rest = path.partition("/")
        return [found for node in self.parts.get(name, ()) for found in node.findall(rest)]


Guard = Callable[[Record, Record | None], None]
"""Called with an object's new version and old version (None for a new object). Raises if the change is invalid."""


def finesse_api_error(message: str, data: str = "") -> ApiProblem:
    """Return the general error, used for duplicates, unknown objects and database constraints."""
    return ApiProblem(400, "Finesse API Error", message, data)


def maximum_exceeded(name: str) -> ApiProblem:
    """Return the error for too many objects."""
    return ApiProblem(400, "Maximum Exceeded", f"Maximum number of {name} objects exceeded", name)


def in_use(name: str, record_id: str) -> ApiProblem:
    """Return the error for an object that is assigned to teams."""
    return ApiProblem(400, "In Use", f"The {name} is assigned to a team", record_id)


class Records:
    """The objects of one kind.

    Attributes:
        kind: the kind.
        guard: a function with the rules of this kind. The function is called before an object is stored.
        release: a function that is called before an object is deleted. The function rejects the deletion or
            removes references.
        finish: a function that completes the XML of an object.
        changed: a function that is called after every change.
    """

    def __init__(self, kind: Kind, base: str = "/finesse/api", first_id: int = 1) -> None:
        self.kind = kind
        self.guard: Guard = lambda _new, _old: None
        self.release: Callable[[Record], None] = lambda _record: None
        self.finish: Callable[[Record, Element], None] = lambda _record, _node: None
        self.changed: Callable[[], None] = lambda: None
        self._base = base
        self._records: dict[str, Record] = {}
        self._ids = count(first_id)

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    def find(self, record_id: str) -> Record | None:
        """Return the object with this id, or None."""
        return self._records.get(record_id)

    def get(self, record_id: str) -> Record:
        """Return the object with this id.

        Raises:
            ApiProblem: status 404 Not Found, if the object does not exist.
        """
        found = self._records.get(record_id)
        if found is None:
            raise ApiProblem(404, "Not Found", f"Unknown {self.kind.name}", record_id)
        return found

    def by_uri(self, uri: str) -> Record | None:
        """Return the object with this uri, or None."""
        base, _, record_id = uri.rpartition("/")
        return self._records.get(record_id) if base == f"{self._base}/{self.kind.name}" else None

    def uri(self, record: Record) -> str:
        """Return the uri of an object."""
        return f"{self._base}/{self.kind.name}/{record.id}"

    def seed(self, record_id: str, parts: Parts) -> Record:
        """Add an initial object with a given id. Objects created later get higher ids."""
        record = self._records[record_id] = Record(record_id, parts)
        self._ids = count(max(int(each) for each in self._records) + 1)
        return record

    def create(self, body: Element) -> Record:
        """Create an object.

        Raises:
            ApiProblem: Parameter Missing, Invalid Input, Maximum Exceeded, Finesse API Error, or an error of
                ``guard``.
        """
        parts = take(self.kind.fields, body)
        if len(self._records) >= self.kind.most:
            raise maximum_exceeded(self.kind.name)
        record = Record(str(next(self._ids)), parts)
        self._check(record, None)
        self._records[record.id] = record
        self.changed()
        return record

    def change(self, record_id: str, body: Element) -> None:
        """Replace the given fields. If a field is invalid, nothing is changed.

        Raises:
            ApiProblem: 404 Not Found, the errors of ``create``, or Invalid Input if no field is given (guide p.242).
        """
        old = self.get(record_id)
        given = take(self.kind.fields, body, creating=False)
        if not given:
            names = ", ".join(field.name for field in self.kind.fields if not field.fixed)
            raise ApiProblem(400, "Invalid Input", f"At least one of {names} must be set")
        new = Record(old.id, old.parts | given)
        self._check(new, old)
        self._records[old.id] = new
        self.changed()

    def delete(self, record_id: str) -> None:
        """Delete an object.

        Raises:
            ApiProblem: 404 Not Found, In Use, or another error of ``release``.
        """
        self.release(self.get(record_id))
        del self._records[record_id]
        self.changed()

    def replace_all(self, many: list[Parts]) -> None:
        """Replace all objects, as an import does."""
        if len(many) > self.kind.most:
            raise maximum_exceeded(self.kind.name)
        records = [Record(str(next(self._ids)), parts) for parts in many]
        self._records = {record.id: record for record in records}
        self.changed()

    def xml(self, record: Record) -> Element:
        """Return an object in the form of a REST response."""
        nodes = [element("uri", self.uri(record))]
        for field in self.kind.fields:
            nodes += deepcopy(record.parts.get(field.name, []))
        node = element(self.kind.name, nodes)
        self.finish(record, node)
        return node

    def _check(self, new: Record, old: Record | None) -> None:
        for names in self.kind.unique:
            values = [new.text(name) for name in names]
            for each in self._records.values():
                if each.id != new.id and [each.text(name) for name in names] == values:
                    raise self._duplicate(names[-1])
        self.guard(new, old)

    def _duplicate(self, name: str) -> ApiProblem:
        """Return the error for a duplicate. For workflows the error type differs, as the guide shows (p.298)."""
        details = f"Duplicate {self.kind.name} {name}."
        if self.kind.name == "Workflow":
            return ApiProblem(400, "Database constraint violation", "Database constraint violation", details)
        return finesse_api_error(details, name)
