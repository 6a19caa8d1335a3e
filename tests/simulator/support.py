"""Test tools: a contact center on a fake clock, and an easy way to read its notifications."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.settings import RequestIds, SimulatorSettings
from mcp_finesse.simulator.world.world import World, default_world

EPOCH = 1_893_456_000.0  # 2030-01-01T00:00:00Z


@dataclass(eq=False)
class ScheduledCall:
    due: float
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class FakeTime:
    now: float = EPOCH
    scheduled: list[ScheduledCall] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def later(self, seconds: float, callback: Callable[[], None]) -> ScheduledCall:
        promise = ScheduledCall(self.now + seconds, callback)
        self.scheduled.append(promise)
        return promise

    def advance(self, seconds: float) -> None:
        """Let time pass: whatever is due runs in order, with the clock at its time."""
        end = self.now + seconds
        while due := [each for each in self.scheduled if not each.cancelled and each.due <= end + 1e-9]:
            first = min(due, key=lambda each: each.due)
            self.scheduled.remove(first)
            self.now = max(self.now, first.due)
            first.callback()
        self.now = end


@dataclass(frozen=True)
class Notification:
    """One parsed notification. ``summary`` is its event and the important fields of its object."""

    node: str
    event: str
    source: str
    request_id: str
    data: Any
    user_id: str | None

    @property
    def kind(self) -> str:
        return str(self.data.tag)

    @property
    def summary(self) -> str:
        if self.kind == "user":
            return f"USER {self.data.findtext('state')}"
        if self.kind == "apiErrors":
            return (
                f"ERROR {self.data.findtext('apiError/errorType')} {self.data.findtext('apiError/errorData')}"
            )
        if self.kind == "Media":
            return f"MEDIA {self.data.findtext('state')}"
        if self.kind == "systemInfo":
            return f"SYSTEM {self.data.findtext('status')}"
        dialog = self.data.find("Dialog") if self.kind == "dialogs" else self.data
        parties = [
            f"{party.findtext('mediaAddress')} {party.findtext('state')}"
            for party in dialog.iterfind("participants/Participant")
        ]
        return f"{self.event} {dialog.findtext('state')}: {', '.join(parties)}"


def parse_notification(publication: Publication) -> Notification:
    root = etree.fromstring(publication.xml)
    assert root.tag == "Update"
    data = root.find("data")[0]
    fields = [root.findtext(name) or "" for name in ("event", "source", "requestId")]
    return Notification(publication.node, *fields, data, publication.user_id)


class Stage:
    """A contact center on fake time. ``received`` returns the notifications since the last call."""

    def __init__(
        self,
        platform: Any = "UCCE",
        world: World | None = None,
        delay: float = 0.0,
        request_ids: RequestIds = "all",
    ) -> None:
        self.time = FakeTime()
        self.center = ContactCenter(
            later=self.time.later,
            clock=self.time.clock,
            settings=SimulatorSettings(platform=platform, delay=delay, request_ids=request_ids),
            world=world,
        )
        self.faults = Faults()
        self.node = self.center.add_node(self.center.settings, self.faults)
        self.published: list[Publication] = []
        self.node.publish = self.published.append

    def received(self, user_id: str | None = None) -> list[Notification]:
        """Return the new notifications (of this user's own feeds), without those of teams and queues."""
        everything = [parse_notification(each) for each in self.published]
        self.published.clear()
        wanted = [each for each in everything if "/Team/" not in each.node and "/Queue" not in each.node]
        return [each for each in wanted if user_id in (None, each.user_id)]

    def summaries(self, user_id: str | None = None) -> list[str]:
        return [each.summary for each in self.received(user_id)]

    def settle(self) -> None:
        """Run everything that is due now: the outcomes of requests without a delay."""
        self.time.advance(0)

    def sign_in(self, *user_ids: str, ready: bool = False) -> None:
        """Sign agents in at their own extensions and discard the notifications."""
        for user_id in user_ids:
            self.center.colleague(user_id).sign_in()
            self.settle()
            if ready:
                self.center.colleague(user_id).change_state("READY")
                self.settle()
        self.published.clear()

    def act(self, user_id: str, action: str, dialog_id: str, **more: str) -> None:
        self.center.colleague(user_id).act(action, dialog_id, **more)
        self.settle()

    def change(self, user_id: str, state: str, reason_code_id: str = "") -> None:
        self.center.colleague(user_id).change_state(state, reason_code_id)
        self.settle()

    def user(self, user_id: str) -> dict[str, Any]:
        return self.center.truth()["users"][user_id]

    def state(self, user_id: str) -> str:
        return self.user(user_id)["state"]

    def dialog(self, dialog_id: str) -> dict[str, Any]:
        return self.center.truth()["dialogs"][dialog_id]

    def parties(self, dialog_id: str) -> dict[str, str]:
        return {address: party["state"] for address, party in self.dialog(dialog_id)["participants"].items()}

    def talking(self, user_id: str = "1001") -> str:
        """Connect a customer of the queue to this agent, who is READY before; return the dialog id."""
        self.sign_in(user_id, ready=True)
        dialog_id = self.center.customers.call("8800", "+13125550142", {"callVariable1": "A & B <Ltd>"})
        self.act(user_id, "ANSWER", dialog_id)
        self.published.clear()
        return dialog_id

    def consulting(self, user_id: str = "1001", colleague: str = "1002") -> tuple[str, str]:
        """Put the agent's customer on hold and connect the agent to a colleague; return both dialog ids."""
        original = self.talking(user_id)
        self.sign_in(colleague)
        extension = self.center.state.agents[colleague].extension
        self.act(user_id, "CONSULT_CALL", original, to_address=extension)
        self.time.advance(1)
        consult = next(id_ for id_ in self.user(user_id)["dialogs"] if id_ != original)
        self.act(colleague, "ANSWER", consult)
        self.published.clear()
        return original, consult


def world_where(user_id: str, **changes: Any) -> World:
    """Return the default world with one agent configured differently."""
    world = default_world()
    agents = tuple(replace(record, **changes) if record.id == user_id else record for record in world.agents)
    return replace(world, agents=agents)
