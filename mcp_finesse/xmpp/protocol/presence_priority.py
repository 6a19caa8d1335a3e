"""Presence priority of this session, chosen so that the agent's other clients keep their notifications.

Finesse's automatic subscriptions produce messages for the bare JID. By default Openfire routes such a message
to one XMPP session only: among the sessions with the highest priority, the most recently active session. At
priority 0 this session could receive these messages in place of the Finesse desktop. An XMPP session with a negative
priority receives none of these messages. Subscriptions made with the full JID of such a session still deliver
all their messages (RFC 6121 8.5.2.1 and 8.5.3.1). If all available XMPP sessions have negative priorities,
Openfire stores the messages and replays them later. The negative priority is therefore used only while another
client is available.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from mcp_finesse.xmpp.protocol.jid import split_jid
from mcp_finesse.xmpp.protocol.resource import PREFIX

PresencePriority = Literal["auto", "0", "-1"]
"""The setting for the priority: ``auto`` for the rule in the module's docstring, or a fixed priority."""

QUIET_SECONDS = 1.0
"""Seconds without a presence change before the priority returns to 0. A desktop can reload in this time."""

_NAMED = 3  # the maximum number of clients that a reason names


@dataclass(frozen=True, slots=True)
class PriorityDecision:
    """The presence priority to send, and the reason for this priority."""

    priority: int
    reason: str


def decide_priority(
    setting: PresencePriority, siblings: Mapping[str, int], *, confirmed: bool, refused: str = ""
) -> PriorityDecision:
    """Decide the presence priority.

    Args:
        setting: the user's setting for the presence priority.
        siblings: the priority of each other available XMPP session of the agent, by full JID.
        confirmed: whether this session has its own subscriptions to all automatic feeds.
        refused: if the service rejected a subscription to an automatic feed, the reason.
    """
    if setting != "auto":
        return PriorityDecision(int(setting), "set by FINESSE_PRESENCE_PRIORITY")
    clients = sorted(
        jid
        for jid, priority in siblings.items()
        if priority >= 0 and not split_jid(jid)[1].startswith(PREFIX)
    )
    if not clients:
        return PriorityDecision(0, "no other client of the agent receives the automatic feeds")
    more = f" and {len(clients) - _NAMED} more" if len(clients) > _NAMED else ""
    named = ", ".join(clients[:_NAMED]) + more
    if refused:
        return PriorityDecision(
            0, f"a subscription of this session was rejected ({refused}), so {named} may lose notifications"
        )
    if not confirmed:
        return PriorityDecision(0, "the subscriptions of this session are not confirmed yet")
    return PriorityDecision(-1, f"{named} receives the automatic feeds instead")


class PriorityControl:
    """Sends our presence when the decided priority changes.

    The priority is lowered immediately. The priority is raised again only after ``quiet`` seconds without a
    presence change.

    Args:
        setting: the user's setting for the presence priority.
        send: a function that sends our presence with a priority.
        changed: a function that is called after a changed priority was sent.
        quiet: how many seconds without a presence change must pass before the priority is raised.

    Attributes:
        current: the current decision. Nothing is sent before ``begin``.
    """

    def __init__(
        self,
        setting: PresencePriority,
        send: Callable[[int], None],
        changed: Callable[[PriorityDecision], None],
        quiet: float = QUIET_SECONDS,
    ) -> None:
        self.current = decide_priority(setting, {}, confirmed=False)
        self._setting = setting
        self._send = send
        self._changed = changed
        self._quiet = quiet
        self._siblings: Mapping[str, int] = {}
        self._confirmed = False
        self._refused = ""
        self._begun = False
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Send the first presence."""
        self._begun = True
        self._send(self.current.priority)

    def presence_changed(self, siblings: Mapping[str, int]) -> None:
        """Decide again, because the set of other XMPP sessions has changed."""
        self._siblings = dict(siblings)
        self._cancel()
        self._apply()

    def subscriptions_confirmed(self, confirmed: bool, refused: str = "") -> None:
        """Decide again, because our subscriptions to the automatic feeds were confirmed or rejected."""
        self._confirmed, self._refused = confirmed, refused
        self._apply()

    def close(self) -> None:
        """Stop sending presence."""
        self._begun = False
        self._cancel()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _apply(self) -> None:
        decision = decide_priority(
            self._setting, self._siblings, confirmed=self._confirmed, refused=self._refused
        )
        if decision.priority == self.current.priority:
            self._cancel()
            self.current = decision
        elif not self._begun:
            return
        elif decision.priority < self.current.priority:
            self._switch(decision)
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._quiet, self._switch, decision)

    def _switch(self, decision: PriorityDecision) -> None:
        self._cancel()
        self.current = decision
        self._send(decision.priority)
        self._changed(decision)
