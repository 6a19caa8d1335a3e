"""The people and things of a contact centre before anybody signs in, and the default ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Behaviour = Literal["answers", "rings", "busy"]
WrapUpMode = Literal["REQUIRED", "REQUIRED_WITH_WRAP_UP_DATA", "OPTIONAL", "NOT_ALLOWED"]

CONNECTION_FAILURE = 255
OFF_HOOK = 50006


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """One agent or supervisor as configured.

    ``wrap_up_timer`` is in seconds; ``supervises`` holds team ids and makes the role Supervisor.
    """

    id: str
    first_name: str
    last_name: str
    extension: str
    team_id: str
    password: str = field(default="secret", repr=False)
    supervises: tuple[str, ...] = ()
    wrap_up_on_incoming: WrapUpMode = "NOT_ALLOWED"
    wrap_up_on_outgoing: WrapUpMode = "NOT_ALLOWED"
    wrap_up_timer: int = 30

    @property
    def login_name(self) -> str:
        """First letter and last name, as administrators like it: ``aokoro``."""
        return f"{self.first_name[0]}{self.last_name}".lower()

    @property
    def roles(self) -> tuple[str, ...]:
        """Supervisors have the rights of agents too."""
        return ("Agent", "Supervisor") if self.supervises else ("Agent",)


@dataclass(frozen=True, slots=True)
class Team:
    """A team: id and name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, the number customers dial to reach it, and the agents it is routed to."""

    id: str
    name: str
    number: str
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """A reason code. ``id`` is the database id that requests carry, ``code`` what reports show.

    ``teams`` are those that may choose it; ``None`` means all.
    """

    id: int
    category: Literal["NOT_READY", "LOGOUT"]
    code: int
    label: str
    system: bool = False
    teams: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class WrapUpReason:
    """A wrap-up reason; calls carry its label, not its id. ``teams`` as for reason codes."""

    id: int
    label: str
    teams: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """One entry of a phone book; without an id its place in the book counts."""

    first_name: str
    last_name: str
    phone_number: str
    description: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class PhoneBook:
    """A phone book; without a team it is global."""

    id: str
    name: str
    contacts: tuple[Contact, ...]
    team_id: str | None = None


@dataclass(frozen=True, slots=True)
class EccVariable:
    """An ECC variable: longest value in bytes, and the number of its elements if it is an array."""

    name: str
    length: int
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Administrator:
    """The user who may configure; takes no calls."""

    id: str = "admin"
    password: str = field(default="secret", repr=False)


@dataclass(frozen=True, slots=True)
class World:
    """Everything as it is configured at the beginning. Administrators change copies of it.

    Attributes:
        devices: extension to whether its phone is registered (online).
        lines: numbers outside and what happens when they are called. A number that is neither a
            device nor listed rings until the customer side answers, if it has seven or more
            characters, and is a bad destination otherwise.
        conference_limit: most participants of one conference.
    """

    agents: tuple[AgentRecord, ...]
    teams: tuple[Team, ...]
    queues: tuple[Queue, ...]
    reason_codes: tuple[ReasonCode, ...]
    wrap_up_reasons: tuple[WrapUpReason, ...]
    phone_books: tuple[PhoneBook, ...]
    ecc_variables: tuple[EccVariable, ...]
    devices: dict[str, bool]
    lines: dict[str, Behaviour]
    administrator: Administrator = Administrator()
    conference_limit: int = 8


_AGENTS = (
    AgentRecord("1000", "Dana", "Kim", "4500", "310", supervises=("310",)),
    AgentRecord("1001", "Ada", "Okoro", "4501", "310", wrap_up_on_incoming="REQUIRED"),
    AgentRecord("1002", "Ben", "Ito", "4502", "310", wrap_up_on_incoming="OPTIONAL"),
    AgentRecord("1003", "Cleo", "Ruiz", "4503", "310", wrap_up_on_outgoing="REQUIRED"),
)

_REASON_CODES = (
    ReasonCode(1, "NOT_READY", OFF_HOOK, "Not Ready - Offhook", system=True),
    ReasonCode(2, "NOT_READY", 999, "Supervisor Initiated", system=True),
    ReasonCode(3, "NOT_READY", CONNECTION_FAILURE, "Not Ready - Connection Failure", system=True),
    ReasonCode(4, "LOGOUT", CONNECTION_FAILURE, "Logged Out - System Failure", system=True),
    ReasonCode(5, "NOT_READY", 33, "Supervisor Initiated", system=True),
    ReasonCode(23, "NOT_READY", 41, "Lunch"),
    ReasonCode(24, "NOT_READY", 42, "Meeting"),
    ReasonCode(25, "NOT_READY", 43, "Training"),
    ReasonCode(31, "LOGOUT", 51, "End of shift"),
    ReasonCode(32, "LOGOUT", 52, "Technical problem"),
)

_PHONE_BOOKS = (
    PhoneBook(
        "1",
        "Company",
        (
            Contact("Front", "Desk", "2125550100", "Answers at once"),
            Contact("Night", "Service", "2125550101", "Rings"),
            Contact("Fax", "Machine", "2125550102", "Always busy"),
            Contact("Dana", "Kim", "4500", "Supervisor North"),
        ),
    ),
    PhoneBook(
        "2",
        "North",
        (
            Contact("Ada", "Okoro", "4501"),
            Contact("Ben", "Ito", "4502"),
            Contact("Zoë", "D'Arcy & Sons", "2125550103", "Supplier, <urgent> only"),
        ),
        team_id="310",
    ),
)


def default_world() -> World:
    """Team 310 "North": a supervisor, three agents, queue 77 behind number 8800."""
    return World(
        agents=_AGENTS,
        teams=(Team("310", "North"),),
        queues=(Queue("77", "North.Sales", "8800", ("1001", "1002", "1003")),),
        reason_codes=_REASON_CODES,
        wrap_up_reasons=tuple(
            WrapUpReason(number, label)
            for number, label in enumerate(
                ("Sale", "Billing question", "Complaint", "Callback requested"), 61
            )
        ),
        phone_books=_PHONE_BOOKS,
        ecc_variables=(
            EccVariable("user.orderId", 20),
            EccVariable("user.Layout", 40),
            EccVariable("user.note", 210),
            EccVariable("user.tags", 12, size=4),
        ),
        devices={"4500": True, "4501": True, "4502": True, "4503": True, "4509": True, "4599": False},
        lines={
            "2125550100": "answers",
            "2125550101": "rings",
            "2125550102": "busy",
            "2125550103": "answers",
        },
    )
