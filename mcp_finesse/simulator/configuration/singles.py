"""Singleton configuration objects for connections, the default layout and chat (guide p.205 to 254)."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.simulator.configuration.fields import (
    Field,
    Parts,
    boolean,
    host,
    https_url,
    layout_xml,
    number,
    take,
    text,
)
from mcp_finesse.simulator.errors import ApiProblem, invalid_input, parameter_missing
from mcp_finesse.simulator.xml_text import Element, element

DEFAULT_LAYOUT = (
    '<finesseLayout xmlns="http://www.cisco.com/vtg/finesse"><layout><role>Agent</role><tabs><tab><id>home</id>'
    "<label>Home</label></tab></tabs></layout></finesseLayout>"
)
_PORT = number(1, 65535)


@dataclass(frozen=True, slots=True)
class Form:
    """Definition of a singleton object.

    Attributes:
        path: path below the API root.
        root: name of the root element.
        fields: the fields of the object.
        group: the element that encloses the fields. Empty if the fields are not enclosed.
        cce_only: whether the object is not available on CCX.
        first: the initial values of the fields.
    """

    path: str
    root: str
    fields: tuple[Field, ...]
    first: tuple[tuple[str, str], ...]
    group: str = ""
    cce_only: bool = False


FORMS = (
    Form(
        "LayoutConfig/default",
        "LayoutConfig",
        (Field("layoutxml", layout_xml(), required=True),),
        (("layoutxml", DEFAULT_LAYOUT),),
    ),
    Form(
        "ChatConfig",
        "ChatConfig",
        (Field("primaryNode", https_url()), Field("secondaryNode", https_url(may_be_empty=True))),
        (("primaryNode", "https://chat-a.finesse.sim:5280/http-bind"), ("secondaryNode", "")),
    ),
    Form(
        "SystemConfig",
        "SystemConfig",
        (
            Field("host", host()),
            Field("port", _PORT),
            Field("backupHost", host(may_be_empty=True)),
            Field("backupPort", _PORT),
            Field("peripheralId", number(1, 32767)),
            Field("secure", boolean),
        ),
        (
            ("host", "cti-a.finesse.sim"),
            ("port", "42027"),
            ("backupHost", "cti-b.finesse.sim"),
            ("backupPort", "43027"),
            ("peripheralId", "5000"),
            ("secure", "false"),
        ),
        group="cti",
        cce_only=True,
    ),
    Form(
        "ClusterConfig",
        "ClusterConfig",
        (Field("host", host()),),
        (("host", "fin-b.finesse.sim"),),
        group="secondaryNode",
        cce_only=True,
    ),
    Form(
        "EnterpriseDatabaseConfig",
        "EnterpriseDatabaseConfig",
        (
            Field("host", host()),
            Field("backupHost", host(may_be_empty=True)),
            Field("port", _PORT),
            Field("databaseName", text(128, 1)),
            Field("domain", text(128)),
            Field("username", text(128, 1)),
            Field("password", text(128)),
        ),
        (
            ("host", "awdb-a.finesse.sim"),
            ("backupHost", ""),
            ("port", "1433"),
            ("databaseName", "ucce_awdb"),
            ("domain", "finesse.sim"),
            ("username", "finesse"),
            ("password", ""),
        ),
        cce_only=True,
    ),
)


class Single:
    """The current value of a singleton object."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._parts: Parts = {name: [element(name, value)] for name, value in form.first}

    def text(self, name: str) -> str:
        """Return the value of a field."""
        return self._parts[name][0].text or ""

    def change(self, body: Element) -> None:
        """Replace the given fields. If a field is invalid, nothing is changed.

        Raises:
            ApiProblem: the error Parameter Missing or Invalid Input.
        """
        groups = body.findall(self.form.group) if self.form.group else [body]
        if not groups:
            raise parameter_missing(self.form.group)
        required = [field.name for field in self.form.fields if field.required]
        given = take(self.form.fields, groups[-1], creating=bool(required))
        if not given:
            raise ApiProblem(400, "Invalid Input", "At least one field must be set")
        new = self._parts | given
        if self.form.group == "cti" and new["host"][0].text == new["backupHost"][0].text:
            raise invalid_input("backupHost")
        self._parts = new

    def xml(self) -> Element:
        """Return the object in the form of a REST response. Password elements are always empty."""
        shown = [
            element(field.name, "" if field.name == "password" else self.text(field.name))
            for field in self.form.fields
        ]
        uri = element("uri", f"/finesse/api/{self.form.path}")
        return element(
            self.form.root, [uri, element(self.form.group, shown)] if self.form.group else [uri, *shown]
        )
