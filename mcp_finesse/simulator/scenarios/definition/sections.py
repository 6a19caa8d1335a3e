"""The sections and fields of a scenario file. The JSON schema and the reference page are generated from them.

All times are in seconds of the scenario, counted from its start.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from mcp_finesse.simulator.scenarios.definition.fault_names import FaultName
from mcp_finesse.simulator.world.campaigns import CampaignMode
from mcp_finesse.simulator.world.world import Behaviour, WrapUpMode

MAX_SECONDS = 86_400
MAX_SPEED = 1000.0


def _as_range(value: object) -> object:
    return {"min": value, "max": value} if isinstance(value, str) else value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _digits_or_text(pattern: str) -> Any:
    """Return the schema of a text that may be written without quotes although it consists of digits."""
    return WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": pattern}, {"type": "integer", "minimum": 0}]}
    )


_ID, _NUMBER = r"^[A-Za-z0-9._-]{1,32}$", r"^\+?[0-9*#]{1,24}$"
Id = Annotated[str, StringConstraints(pattern=_ID), _digits_or_text(_ID)]
PhoneNumber = Annotated[str, StringConstraints(pattern=_NUMBER), _digits_or_text(_NUMBER)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
NameOrId = Annotated[Text, WithJsonSchema({"type": ["string", "integer"]})]
Note = Annotated[str, StringConstraints(max_length=2000)]
Ids = Annotated[tuple[Id, ...], Field(max_length=200)]
VariableValue = Annotated[
    str,
    StringConstraints(max_length=210),
    WithJsonSchema({"type": ["string", "number", "boolean"], "maxLength": 210}),
]
Variables = Annotated[dict[str, VariableValue], Field(max_length=20)]
Seconds = Annotated[float, Field(ge=0, le=MAX_SECONDS, allow_inf_nan=False)]


class Section(BaseModel):
    """A part of a scenario file, which has only the declared fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Range(Section):
    """A duration, or the limits between which each duration is chosen."""

    min: Seconds = Field(description="The shortest duration in seconds.")
    max: Seconds = Field(description="The longest duration in seconds.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"expected min to be at most max, which is {self.max:g}")
        return self


Duration = Annotated[Range, BeforeValidator(_as_range, json_schema_input_type=Seconds | Range)]
Times = Annotated[
    Annotated[tuple[Seconds, ...], Field(min_length=1, max_length=1000)],
    BeforeValidator(_as_list, json_schema_input_type=Seconds | tuple[Seconds, ...]),
]


def _fixed(seconds: float) -> Range:
    return Range(min=seconds, max=seconds)


class TeamSection(Section):
    """A team."""

    id: Id = Field(description="The id of the team.")
    name: Text = Field(description="The name of the team.")


class AgentSection(Section):
    """An agent or supervisor. The password is `secret`."""

    id: Id = Field(description="The id, which is also the login name.")
    first_name: Text = Field(description="The first name.")
    last_name: Text = Field(description="The last name.")
    extension: PhoneNumber = Field(description="The extension of the agent's phone.")
    team: Id = Field(description="The id of the agent's team.")
    supervises: Ids = Field((), description="The ids of the teams that the agent supervises.")
    wrap_up_on_incoming: WrapUpMode = Field("NOT_ALLOWED", description="Wrap-up after incoming calls.")
    wrap_up_on_outgoing: WrapUpMode = Field("NOT_ALLOWED", description="Wrap-up after outgoing calls.")
    wrap_up_timer: int = Field(30, ge=1, le=7200, description="Seconds after which wrap-up ends.")
    mobile: bool = Field(False, description="Whether the agent may sign in as a mobile agent (UCCE).")


class QueueSection(Section):
    """A queue."""

    id: Id = Field(description="The id of the queue.")
    name: Text = Field(description="The name of the queue.")
    number: PhoneNumber = Field(description="The number that customers call.")
    agents: Ids = Field(description="The ids of the agents to whom the queue routes calls.")


class ContactSection(Section):
    """A customer whom a campaign calls."""

    number: PhoneNumber = Field(description="The customer's number.")
    name: str = Field("", max_length=100, description="The customer's name.")
    account: str = Field("", max_length=100, description="The customer's account number.")
    callback: bool = Field(False, description="Whether the contact is a scheduled callback.")
    phone: Behaviour = Field("answers", description="What happens when the number is called.")


class CampaignSection(Section):
    """An outbound campaign, and the customers whom it calls."""

    name: Text = Field(description="The name of the campaign.")
    mode: CampaignMode = Field(description="The mode of the campaign. UCCX has no PREVIEW.")
    agents: Ids = Field(description="The ids of the agents of the campaign.")
    dialer_port: PhoneNumber = Field("6001", description="The number from which reservations come.")
    preview_seconds: float = Field(60, ge=1, le=3600, description="How long a contact is shown to an agent.")
    blended: bool = Field(False, description="Whether the agents also take incoming calls.")
    start: Seconds = Field(0, description="When the campaign offers the first contact.")
    seconds_between: Seconds = Field(10, description="The shortest time between two contacts.")
    contacts: Annotated[tuple[ContactSection, ...], Field(max_length=2000)] = Field(
        (), description="The customers. A contact is offered at most three times."
    )


class MediaDomainSection(Section):
    """A media routing domain for chats or e-mails (UCCE)."""

    id: Id = Field(description="The id of the domain.")
    name: Text = Field(description="The name of the domain.")
    description: str = Field("", max_length=200, description="A description.")
    interruptible: bool = Field(False, description="Whether other work interrupts tasks of the domain.")
    agents: Ids = Field(description="The ids of the agents who may sign in to the domain.")
    selectors: Annotated[tuple[Text, ...], Field(max_length=50)] = Field(
        (), description="The script selectors for transfers."
    )
    start_timeout: float = Field(
        30, ge=1, le=3600, description="Seconds within which a task must be accepted."
    )


class CustomerSection(Section):
    """A customer who may be the next to call."""

    number: PhoneNumber = Field(description="The customer's number.")
    name: str = Field("", max_length=40, description="The customer's name, which becomes `callVariable1`.")
    variables: Variables = Field({}, description="Call variables by name.")


class BreakSection(Section):
    """A time in which a scripted agent is NOT_READY."""

    at: Seconds = Field(description="When the break begins.")
    seconds: Seconds = Field(description="How long the break lasts.")
    reason: str | None = Field(
        None, description="The label of a reason code. The default is the first one, `Lunch`."
    )


class ScriptedAgentsSection(Section):
    """Agents who work without a person. All other agents are free for you and for your clients."""

    agents: Annotated[tuple[Id, ...], Field(min_length=1, max_length=200)] = Field(
        description="The ids of the agents."
    )
    signs_in: Seconds = Field(0, description="When the agents sign in. Then they become READY.")
    signs_out: Seconds | None = Field(None, description="When the agents sign out. By default they stay.")
    answers: Duration = Field(_fixed(3), description="Time before an agent answers a call, contact or task.")
    talks: Duration = Field(_fixed(180), description="Time after which an agent ends a call.")
    wraps_up: Duration = Field(_fixed(15), description="Time after a call before an agent becomes READY.")
    media: Annotated[tuple[NameOrId, ...], Field(max_length=20)] = Field(
        (), description="Ids or names of the media routing domains (UCCE)."
    )
    tasks_at_once: int = Field(
        2, ge=1, le=20, description="How many tasks of a domain an agent accepts at once."
    )
    task_time: Duration = Field(_fixed(120), description="Time after which an agent closes a started task.")
    breaks: Annotated[tuple[BreakSection, ...], Field(max_length=50)] = Field((), description="Breaks.")


class Arrivals(Section):
    """The times at which something arrives: fixed times, or a Poisson process."""

    at: Times | None = Field(
        None, description="The times of arrival: one time or a list. Instead of `per_hour`."
    )
    per_hour: float | None = Field(
        None, gt=0, le=3600, allow_inf_nan=False, description="The average number per hour. Instead of `at`."
    )
    start: Seconds = Field(0, description="When the arrivals `per_hour` begin.")
    end: Seconds | None = Field(
        None, description="When the arrivals `per_hour` end. The default is the end of the scenario."
    )
    name: str = Field("", max_length=40, description="The customer's name, which becomes `callVariable1`.")
    variables: Variables = Field({}, description="Call variables by name.")
    patience: Duration = Field(
        _fixed(180), description="Time after which a customer leaves without an answer."
    )

    @model_validator(mode="after")
    def _one_kind_of_arrival(self) -> Self:
        if (self.at is None) == (self.per_hour is None):
            raise ValueError("expected either at or per_hour")
        return self


class CallsSection(Arrivals):
    """Calls of customers to a queue or to an agent."""

    queue: NameOrId | None = Field(None, description="The id or the name of the queue. Instead of `agent`.")
    agent: Id | None = Field(None, description="The id of the agent whose extension is called.")
    number: PhoneNumber | None = Field(
        None, description="The customer's number. By default one of `customers` is chosen for each call."
    )
    talk: Duration | None = Field(
        None, description="Time after which the customer hangs up. By default the agent ends the call."
    )

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.queue is None) == (self.agent is None):
            raise ValueError("expected either queue or agent")
        return self


class ChatsSection(Arrivals):
    """Chats, e-mails and other tasks (UCCE)."""

    media: NameOrId = Field(description="The id or the name of the media routing domain.")
    agent: Id | None = Field(None, description="The only agent to whom the task may be offered.")


class FaultSection(Section):
    """A failure at a certain time. The fields after `node` belong to certain faults."""

    at: Seconds = Field(description="When the failure happens.")
    fault: FaultName = Field(description="The failure.")
    node: int = Field(1, ge=1, le=2, description="The Finesse node.")
    n: int | None = Field(
        None, ge=1, le=1000, description="The number of affected notifications or requests."
    )
    seconds: float | None = Field(None, ge=0, le=3600, description="The delay in real seconds.")
    action: Text | None = Field(
        None, description="The action that fails, such as `HOLD`. `*` means any action."
    )
    error_type: Text | None = Field(None, description="The type of the reported error.")
    message: Text | None = Field(None, description="The message of the reported error.")
    data: Text | None = Field(None, description="The code of the reported error.")
    status: int | None = Field(None, ge=200, le=599, description="The HTTP status.")
    method: Text | None = Field(None, description="Only requests with this HTTP method.")
    path: Text | None = Field(None, description="Only requests whose path contains this text.")
    reason: Text | None = Field(None, description="The reason why Finesse is out of service.")


class Scenario(Section):
    """A scenario for the simulator."""

    title: Text = Field(description="The title, in a few words.")
    description: Note = Field("", description="What the scenario shows, and how to use it.")
    duration: float = Field(
        gt=0, le=MAX_SECONDS, allow_inf_nan=False, description="The length of the scenario in seconds."
    )
    speed: float = Field(
        1,
        ge=0.1,
        le=MAX_SPEED,
        allow_inf_nan=False,
        description="How fast the scenario runs without `--speed`.",
    )
    seed: int = Field(1, ge=0, le=2**31, description="The seed of all random choices.")
    nodes: int = Field(1, ge=1, le=2, description="The number of Finesse nodes that the scenario requires.")
    teams: Annotated[tuple[TeamSection, ...], Field(max_length=50)] = Field((), description="Teams.")
    agents: Annotated[tuple[AgentSection, ...], Field(max_length=200)] = Field((), description="Agents.")
    queues: Annotated[tuple[QueueSection, ...], Field(max_length=50)] = Field((), description="Queues.")
    media_domains: Annotated[tuple[MediaDomainSection, ...], Field(max_length=20)] = Field(
        (), description="Media routing domains (UCCE)."
    )
    campaigns: Annotated[tuple[CampaignSection, ...], Field(max_length=20)] = Field(
        (), description="Outbound campaigns."
    )
    lines: Annotated[dict[PhoneNumber, Behaviour], Field(max_length=2000)] = Field(
        {}, description="What happens when an outside number is called, by number."
    )
    customers: Annotated[tuple[CustomerSection, ...], Field(max_length=2000)] = Field(
        (), description="The customers who call. Without customers, numbers are made up."
    )
    scripted_agents: Annotated[tuple[ScriptedAgentsSection, ...], Field(max_length=200)] = Field(
        (), description="Agents who work without a person."
    )
    calls: Annotated[tuple[CallsSection, ...], Field(max_length=200)] = Field((), description="Calls.")
    chats: Annotated[tuple[ChatsSection, ...], Field(max_length=200)] = Field(
        (), description="Chats and e-mails (UCCE)."
    )
    faults: Annotated[tuple[FaultSection, ...], Field(max_length=200)] = Field((), description="Failures.")
