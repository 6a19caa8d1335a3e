"""What counts as done: the change of an object that proves an action, as data.

A request id proves nothing, and an event that carries it may be an intermediate one (guide p.22). So each goal
looks at the state as it now is and answers with a verdict: done (and what differs from what was asked), failed,
or None while nothing is proved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from mcp_finesse.model import Dialog, Media, Platform, User, own_participant
from mcp_finesse.session.state.pending_reason import PendingReason
from mcp_finesse.session.state.teams_and_queues import Groups


class View(Protocol):
    """The part of the mirror that goals and plans look at."""

    @property
    def user(self) -> User | None:
        """The agent, or None when not known yet."""

    @property
    def dialogs(self) -> Mapping[str, Dialog]:
        """The agent's calls by dialog id."""

    @property
    def tasks(self) -> Mapping[str, Dialog]:
        """The agent's nonvoice tasks by dialog id."""

    @property
    def media(self) -> Mapping[str, Media]:
        """The agent on each nonvoice media, by its id."""

    @property
    def extension(self) -> str | None:
        """The agent's extension, or None when signed out."""

    @property
    def platform(self) -> Platform | None:
        """The platform behind Finesse, or None when it is not known (yet)."""

    @property
    def ecc_lengths(self) -> Mapping[str, int] | None:
        """Bytes that each ECC variable may have, by name without index; None when that is not known."""

    @property
    def groups(self) -> Groups:
        """Teams, queues, and messages to teams, as far as they have been read."""

    @property
    def pending_reason(self) -> PendingReason:
        """The reason that belongs to the agent's pending state."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not what was asked for."""

    field: str
    asked: str
    got: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the state proves.

    Attributes:
        dialog_id: the dialog that the outcome is about, if any.
        failed: a sentence when the state proves that the action failed.
        note: a sentence that belongs to the proof.
        provisional: it will do if nothing better comes in the time that events normally take.
        weak: the same also follows when the request failed; see ``evidence.py``.
        unseen: a requested value cannot be read; it is in effect if Finesse accepted the request.
    """

    dialog_id: str | None = None
    differences: tuple[Difference, ...] = ()
    failed: str = ""
    note: str = ""
    provisional: bool = False
    weak: bool = False
    unseen: bool = False


class Completion(Protocol):
    """The change that proves an action."""

    def verdict(self, view: View) -> Evaluation | None:
        """None while nothing is proved."""


@runtime_checkable
class Comparison(Protocol):
    """A goal that can tell which values of a dialog are not as asked."""

    def differences(self, dialog: Dialog) -> tuple[Difference, ...]:
        """Each value that is not the one asked for."""


@runtime_checkable
class Shortfall(Protocol):
    """A goal that can tell what of the present state is not as asked."""

    def shortfall(self, view: View) -> tuple[Difference, ...]:
        """Each value that is not the one asked for."""


def is_on_call(view: View) -> bool:
    """Whether the agent has a call that is more than something to be wrapped up."""
    own = (own_participant(dialog, view.extension) for dialog in view.dialogs.values())
    return any(participant is None or not participant.has_left for participant in own)


@dataclass(frozen=True, slots=True)
class Unseen:
    """Finesse confirms nothing; only an error can be heard (DTMF, guide p.91)."""

    dialog_id: str

    def verdict(self, _: View) -> Evaluation | None:
        """Never proved."""
        return None
