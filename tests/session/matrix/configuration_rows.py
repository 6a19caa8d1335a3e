"""Rows of the configuration matrix: the change, when it is in effect, and what other administrators do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from mcp_finesse.model.admin import ContactContent
from mcp_finesse.session.administration import changes
from mcp_finesse.session.administration.change_runner import ConfigurationChange
from mcp_finesse.simulator.configuration.configuration import Configuration
from mcp_finesse.simulator.configuration.records import Record
from mcp_finesse.simulator.xml_text import Element

TEAM, BOOK, CODE = "310", "1", "23"
TEA = {"category": "NOT_READY", "code": 77, "label": "Tea", "for_all": True}
TEA_XML = (
    "<ReasonCode><category>NOT_READY</category><code>77</code><label>Tea</label>"
    "<forAll>true</forAll></ReasonCode>"
)
LAYOUT = '<finesseLayout xmlns="http://www.cisco.com/vtg/finesse"><layout><role>Agent</role></layout></finesseLayout>'
PEOPLE = [ContactContent(first_name=name, phone_number=name) for name in "123"]


def _xml(text: str) -> Element:
    return etree.fromstring(text)


@dataclass(frozen=True)
class ConfigurationCase:
    """One change, on a configuration prepared for it.

    Attributes:
        change: what is requested.
        in_effect: whether it is in effect in the simulator.
        by_another: another administrator makes the same change.
        undo: another administrator undoes it.
        other_values: another administrator sets other values; None where there are none.
        partly: leaves only part of it in effect; None where it has no parts.
        created: whether its result is a new object, which is in effect whatever its values are.
    """

    change: ConfigurationChange
    in_effect: Callable[[], bool]
    by_another: Callable[[], object]
    undo: Callable[[], object]
    other_values: Callable[[], object] | None = None
    partly: Callable[[], object] | None = None
    created: bool = False


@dataclass(frozen=True)
class ConfigurationRow:
    """A tool, with a variant where it matters."""

    name: str
    make: Callable[[Configuration], ConfigurationCase]


def create(config: Configuration) -> ConfigurationCase:
    codes = config.reason_codes

    def teas() -> list[Record]:
        return [each for each in codes if each.text("label") == "Tea"]

    return ConfigurationCase(
        changes.create("ReasonCode", TEA),
        lambda: bool(teas()),
        lambda: codes.create(_xml(TEA_XML)),
        lambda: [codes.delete(each.id) for each in teas()],
        lambda: [
            codes.change(each.id, _xml("<ReasonCode><label>Coffee</label></ReasonCode>")) for each in teas()
        ],
        created=True,
    )


def create_contact(config: Configuration) -> ConfigurationCase:
    contacts = config.contacts_of(config.phone_books.get(BOOK))

    def fives() -> list[Record]:
        return [each for each in contacts if each.text("phoneNumber") == "5"]

    return ConfigurationCase(
        changes.create("Contact", {"phone_number": "5"}, BOOK),
        lambda: bool(fives()),
        lambda: contacts.create(_xml("<Contact><phoneNumber>5</phoneNumber></Contact>")),
        lambda: [contacts.delete(each.id) for each in fives()],
        created=True,
    )


def change(config: Configuration) -> ConfigurationCase:
    codes = config.reason_codes
    before = codes.get(CODE).parts

    def put(label: str, for_all: str) -> None:
        codes.change(CODE, _xml(f"<ReasonCode><label>{label}</label><forAll>{for_all}</forAll></ReasonCode>"))

    def in_effect() -> bool:
        code = codes.get(CODE)
        return (code.text("label"), code.text("forAll")) == ("Dinner", "false")

    return ConfigurationCase(
        changes.change("ReasonCode", CODE, {"label": "Dinner", "for_all": False}),
        in_effect,
        lambda: put("Dinner", "false"),
        lambda: codes.seed(CODE, before),
        lambda: put("Supper", "false"),
        lambda: put("Lunch", "false"),
    )


def delete(config: Configuration) -> ConfigurationCase:
    codes = config.reason_codes
    before = codes.get(CODE).parts
    return ConfigurationCase(
        changes.delete("ReasonCode", CODE),
        lambda: codes.find(CODE) is None,
        lambda: codes.delete(CODE),
        lambda: codes.seed(CODE, before),
    )


def assign(config: Configuration) -> ConfigurationCase:
    def put(*ids: str) -> None:
        inner = "".join(f"<PhoneBook><uri>/finesse/api/PhoneBook/{each}</uri></PhoneBook>" for each in ids)
        config.assignments.replace(TEAM, config.phone_books, _xml(f"<PhoneBooks>{inner}</PhoneBooks>"))

    def has() -> list[str]:
        return [each.id for each in config.assignments.of(TEAM, config.phone_books)]

    books = [
        config.phone_books.create(_xml(f"<PhoneBook><name>{name}</name><type>TEAM</type></PhoneBook>")).id
        for name in ("A", "B", "C")
    ]
    before = has()
    return ConfigurationCase(
        changes.assign(TEAM, "PhoneBook", books[:2]),
        lambda: has() == books[:2],
        lambda: put(*books[:2]),
        lambda: put(*before),
        lambda: put(books[2]),
        lambda: put(books[0]),
    )


def layout(config: Configuration) -> ConfigurationCase:
    def put(inner: str) -> None:
        config.assignments.change_layout(TEAM, _xml(f"<TeamLayoutConfig>{inner}</TeamLayoutConfig>"))

    def own(text: str) -> str:
        return f"<useDefault>false</useDefault><layoutxml>{escape(text)}</layoutxml>"

    return ConfigurationCase(
        changes.change_team_layout(TEAM, {"use_default": False, "layoutxml": LAYOUT}),
        lambda: config.assignments._layouts.get(TEAM) == LAYOUT,
        lambda: put(own(LAYOUT)),
        lambda: put("<useDefault>true</useDefault>"),
        lambda: put(own(LAYOUT.replace("Agent", "Supervisor"))),
    )


def import_contacts(config: Configuration) -> ConfigurationCase:
    contacts = config.contacts_of(config.phone_books.get(BOOK))
    before = [each.parts for each in contacts]

    def put(names: str) -> None:
        contacts.replace_all(
            [
                {name: [_xml(f"<{name}>{each}</{name}>")] for name in ("firstName", "phoneNumber")}
                for each in names
            ]
        )

    return ConfigurationCase(
        changes.import_contacts(BOOK, PEOPLE),
        lambda: [each.text("phoneNumber") for each in contacts] == ["1", "2", "3"],
        lambda: put("123"),
        lambda: contacts.replace_all(before),
        lambda: put("456"),
        lambda: put("12"),
    )


ROWS = (
    ConfigurationRow("create_configuration", create),
    ConfigurationRow("create_configuration, contact", create_contact),
    ConfigurationRow("change_configuration", change),
    ConfigurationRow("delete_configuration", delete),
    ConfigurationRow("change_team_assignments", assign),
    ConfigurationRow("change_team_assignments, layout", layout),
    ConfigurationRow("import_contacts", import_contacts),
)
