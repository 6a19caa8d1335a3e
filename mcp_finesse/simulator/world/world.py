"""The initial configuration of a contact center, such as agents, teams, queues and codes, and a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mcp_finesse.simulator.world.campaigns import CAMPAIGNS, Campaign
from mcp_finesse.simulator.world.devices import SHARED_LINES, Device
from mcp_finesse.simulator.world.media_domains import MEDIA_DOMAINS, MediaDomain
from mcp_finesse.simulator.world.phone_books import PHONE_BOOKS, PhoneBook
from mcp_finesse.simulator.world.properties import Properties

Behaviour = Literal["answers", "rings", "busy"]
WrapUpMode = Literal["REQUIRED", "REQUIRED_WITH_WRAP_UP_DATA", "OPTIONAL", "NOT_ALLOWED"]

CONNECTION_FAILURE = 255


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """The configuration of one agent or supervisor.

    ``wrap_up_timer`` is in seconds. ``supervises`` holds team ids and makes the agent a Supervisor. ``mobile``
    allows the agent to sign in as a mobile agent (CCE).
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
    mobile: bool = False

    @property
    def login_name(self) -> str:
        """The first letter of the first name plus the last name, such as ``aokoro``."""
        return f"{self.first_name[0]}{self.last_name}".lower()

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles of the User. Supervisors are also agents."""
        return ("Agent", "Supervisor") if self.supervises else ("Agent",)

    def is_supervisor_of(self, other: AgentRecord) -> bool:
        """Return whether the other agent is on a team that this agent supervises."""
        return other.team_id in self.supervises


@dataclass(frozen=True, slots=True)
class Team:
    """A team."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, with the number that customers dial and the agents to whom the queue routes."""

    id: str
    name: str
    number: str
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """A reason code. ``id`` is the database id, used in requests. ``code`` is the value that reports show.

    ``teams`` are the teams that may choose the reason code. ``None`` means all teams.
    """

    id: int
    category: Literal["NOT_READY", "LOGOUT"]
    code: int
    label: str
    system: bool = False
    teams: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class WrapUpReason:
    """A wrap-up reason. Calls carry the label of the reason, not the id. ``teams`` is the same as in ``ReasonCode``."""

    id: int
    label: str
    teams: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class EccVariable:
    """An ECC variable, with the maximum length of a value in bytes. An array also has a number of elements."""

    name: str
    length: int
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Administrator:
    """The user who may change the configuration. An administrator is not an agent."""

    id: str = "admin"
    password: str = field(default="secret", repr=False)


@dataclass(frozen=True, slots=True)
class World:
    """The initial configuration. Administrators change copies of it.

    Attributes:
        devices: for each extension, whether its phone is registered (online).
        lines: how outside numbers behave when called. For a number that is neither a device nor in ``lines``,
            the length decides. A number with seven or more characters rings until ``CustomerActions.answer`` is
            called. A shorter number is a bad destination.
        conference_limit: the maximum number of participants in a conference.
        shared_lines: the phones of each extension that has several phones (12.6).
        properties: the properties that are set on the command line.
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
    campaigns: tuple[Campaign, ...] = ()
    media_domains: tuple[MediaDomain, ...] = ()
    shared_lines: Mapping[str, tuple[Device, ...]] = field(default_factory=dict)
    administrator: Administrator = Administrator()
    conference_limit: int = 8
    properties: Properties = field(default_factory=Properties)


_AGENTS = (
    AgentRecord("1000", "Dana", "Kim", "4500", "310", supervises=("310",)),
    AgentRecord("1001", "Ada", "Okoro", "4501", "310", wrap_up_on_incoming="REQUIRED"),
    AgentRecord("1002", "Ben", "Ito", "4502", "310", wrap_up_on_incoming="OPTIONAL"),
    AgentRecord("1003", "Cleo", "Ruiz", "4503", "310", wrap_up_on_outgoing="REQUIRED", mobile=True),
    AgentRecord("2000", "Omar", "Haddad", "4520", "320", supervises=("320", "310")),
    AgentRecord("2001", "Eve", "Poe", "4521", "320", wrap_up_on_incoming="REQUIRED_WITH_WRAP_UP_DATA"),
    AgentRecord("2002", "Finn", "Berg", "4522", "320", mobile=True),
    AgentRecord("2003", "Gia", "Lund", "4523", "320"),
)

_REASON_CODES = (
    ReasonCode(1, "NOT_READY", 50006, "Not Ready - Offhook", system=True),
    ReasonCode(2, "NOT_READY", 999, "Supervisor Initiated", system=True),
    ReasonCode(3, "NOT_READY", CONNECTION_FAILURE, "Not Ready - Connection Failure", system=True),
    ReasonCode(4, "LOGOUT", CONNECTION_FAILURE, "Logged Out - System Failure", system=True),
    ReasonCode(5, "NOT_READY", 33, "Supervisor Initiated", system=True),
    ReasonCode(6, "LOGOUT", 22, "Supervisor Initiated", system=True),
    ReasonCode(7, "NOT_READY", 32762, "Not Ready - Offhook", system=True),
    ReasonCode(23, "NOT_READY", 41, "Lunch"),
    ReasonCode(24, "NOT_READY", 42, "Meeting"),
    ReasonCode(25, "NOT_READY", 43, "Training"),
    ReasonCode(31, "LOGOUT", 51, "End of shift"),
    ReasonCode(32, "LOGOUT", 52, "Technical problem"),
)

_QUEUES = (
    Queue("77", "North.Sales", "8800", ("1001", "1002", "1003")),
    Queue("78", "North.Service", "8801", ("1001", "1003")),
    Queue("91", "South.Sales", "8810", ("2001", "2002", "2003")),
    Queue("99", "Nobody", "8899", ()),
)

_DEVICES = ("4500", "4501", "4502", "4503", "4509", "4520", "4521", "4522", "4523")


def default_world() -> World:
    """Return a configuration with the teams 310 "North" and 320 "South". Each has a supervisor, agents and queues."""
    return World(
        agents=_AGENTS,
        teams=(Team("310", "North"), Team("320", "South")),
        queues=_QUEUES,
        reason_codes=_REASON_CODES,
        wrap_up_reasons=tuple(
            WrapUpReason(number, label)
            for number, label in enumerate(
                ("Sale", "Billing question", "Complaint", "Callback requested"), 61
            )
        ),
        phone_books=PHONE_BOOKS,
        ecc_variables=(
            EccVariable("user.orderId", 20),
            EccVariable("user.Layout", 40),
            EccVariable("user.note", 210),
            EccVariable("user.tags", 12, size=4),
        ),
        devices=dict.fromkeys(_DEVICES, True) | {"4599": False},
        lines={
            "2125550100": "answers",
            "2125550101": "rings",
            "2125550102": "busy",
            "2125550103": "answers",
        },
        campaigns=CAMPAIGNS,
        media_domains=MEDIA_DOMAINS,
        shared_lines=SHARED_LINES,
    )
