"""Completions. A completion declares, as data, the state change that confirms an action.

A request id proves nothing: the event that carries it may report an intermediate state (guide p.22). A
completion therefore evaluates the current state. The result is an ``Evaluation``, or None while the state
proves nothing. An ``Evaluation`` says that the action is confirmed, with any differences from the request, or
that the action failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from mcp_finesse.model import Dialog, Media, Platform, Team, TeamMessage, User, own_participant
from mcp_finesse.session.state.pending_reason import PendingReason


class View(Protocol):
    """The part of the mirror that completions and ``Action.prepare`` use."""

    @property
    def user(self) -> User | None:
        """The agent, or None if the agent has not been read yet."""

    @property
    def dialogs(self) -> Mapping[str, Dialog]:
        """The agent's calls by dialog id."""

    @property
    def tasks(self) -> Mapping[str, Dialog]:
        """The agent's tasks by dialog id."""

    @property
    def media(self) -> Mapping[str, Media]:
        """The agent's state on each nonvoice media. The keys are media ids."""

    @property
    def extension(self) -> str | None:
        """The agent's extension, or None when signed out."""

    @property
    def platform(self) -> Platform | None:
        """The contact-center platform behind Finesse (UCCE or UCCX), or None if it is not known yet."""

    @property
    def ecc_lengths(self) -> Mapping[str, int] | None:
        """Maximum bytes of each ECC variable, or None if not known. The keys are names without an index."""

    @property
    def teams(self) -> Mapping[str, Team]:
        """The teams that have been read, by id."""

    @property
    def messages(self) -> Mapping[str, TeamMessage]:
        """The team messages that were shown when last read, by id."""

    @property
    def pending_reason(self) -> PendingReason:
        """The reason code of the agent's pending state."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs from the request."""

    field: str
    asked: str
    got: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of evaluating the current state.

    Attributes:
        dialog_id: The id of the dialog that the outcome concerns, or None.
        failed: If the state proves that the action failed, a sentence that says why.
        note: A sentence to add to the outcome.
        provisional: Whether to accept this evaluation if no better evaluation follows within the time that
            events normally take.
        weak: Whether the state can also occur after a failed request (see ``evidence.py``).
        unreadable: Whether a requested value cannot be read. Such a value is in effect if Finesse accepted the
            request.
        pending: Whether the requested state takes effect only when the phone call ends. ``note`` then contains
            a sentence about the delay.
    """

    dialog_id: str | None = None
    differences: tuple[Difference, ...] = ()
    failed: str = ""
    note: str = ""
    provisional: bool = False
    weak: bool = False
    unreadable: bool = False
    pending: bool = False


class Completion(Protocol):
    """The state change that confirms an action."""

    def evaluate(self, view: View) -> Evaluation | None:
        """Return the evaluation of the current state, or None while the state proves nothing."""


@runtime_checkable
class ComparesDialog(Protocol):
    """A completion that can compare the values of a dialog with the requested values."""

    def differences(self, dialog: Dialog) -> tuple[Difference, ...]:
        """Return the values that differ from the request."""


@runtime_checkable
class ComparesState(Protocol):
    """A completion that can compare the current state with the requested state."""

    def state_differences(self, view: View) -> tuple[Difference, ...]:
        """Return the values that differ from the request."""


def is_on_call(view: View) -> bool:
    """Return whether the agent is on a phone call. A phone call in wrap-up is ignored."""
    own = (own_participant(dialog, view.extension) for dialog in view.dialogs.values())
    return any(participant is None or not participant.has_left for participant in own)


@dataclass(frozen=True, slots=True)
class NeverReported:
    """The completion of an action, such as DTMF, for which Finesse reports only errors (guide p.91)."""

    dialog_id: str

    def evaluate(self, _: View) -> Evaluation | None:
        """Return None."""
        return None
