"""Data model of actions: an ``Action`` waits for its turn, then prepares the request to send."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, ParamSpec

from pydantic import BaseModel

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.rest import RestClient
from mcp_finesse.rest.operation import Operation, ReportedBy, Used, operations_of, sends
from mcp_finesse.session.actions.completion import Completion, View

P = ParamSpec("P")
Send = Callable[[RestClient, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """The request to send, and the change that confirms it.

    Attributes:
        completion: The change that confirms the action.
        send: Sends the request with a request id.
        dialog_id: The dialog the request acts on, or None.
        requires: The action that must be among the allowed actions of the agent's participant, or None.
        call_to: The number of a new call, or None.
        task: Whether the dialog is a task rather than a call.
        already_errors: Error types, constants or codes that mean the requested state was already in effect.
        already_text: The message for such an error.
        already_changes: Whether a request that ends with such an error still has an effect.
        new_dialog: Whether the request creates a dialog. An error may then name a dialog that is not known yet.
        source: REST path of the object, to match errors without a request id; by default derived from the target.
        on_send: Called before the request is sent.
        on_accepted: Called when Finesse accepted the request and no error followed.
    """

    completion: Completion
    send: Send
    dialog_id: str | None = None
    requires: str | None = None
    call_to: str | None = None
    task: bool = False
    already_errors: frozenset[str] = frozenset()
    already_text: str = "Already in that state. Finesse rejected the request for that reason."
    already_changes: bool = False
    new_dialog: bool = False
    source: str = ""
    on_send: Callable[[], None] = lambda: None
    on_accepted: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Action:
    """One operation that an agent can request.

    Attributes:
        name: Finesse's name of the action (``HOLD``, ``LOGIN``).
        target: The object by which Finesse queues requests: ``user``, a dialog id, ``dialogs`` for a new dialog,
            or a media.
        call_control: Whether it is a call-control action. Only one may be outstanding per device (guide p.91).
        prepare: Creates the request from the current state; raises ``InvalidRequestError``.
        operation: The API operation that the action sends. The decorator ``action`` sets it if only one is
            declared.
        reads: What to read to see the result: ``user``, ``dialogs``, ``tasks``, ``team:ID`` or ``messages:ID``;
            by default derived from the target.
        feed: The feed that reports the result, such as ``team:310``. It is subscribed for the action if
            necessary.
        read_first: Whether to read the state before the request is prepared, because it depends on all existing
            objects.
        shown_object: Finds the object to show in the outcome if it is neither the agent nor a dialog.
        result: What the confirmed action did, as a sentence without its period; by default derived from the name.
    """

    name: str
    target: str
    prepare: Callable[[View], PreparedRequest]
    call_control: bool = False
    operation: Operation | None = None
    reads: str = ""
    feed: str = ""
    read_first: bool = False
    shown_object: Callable[[View], BaseModel | None] | None = None
    result: str = ""

    @property
    def reported_by(self) -> ReportedBy:
        """What reports the result."""
        return self.operation.reported_by if self.operation is not None else ReportedBy.NOTIFICATION

    @property
    def what_to_read(self) -> str:
        """What to read to see the result."""
        return self.reads or ("user" if self.target == "user" else "dialogs")


def action(*used: Used) -> Callable[[Callable[P, Action]], Callable[P, Action]]:
    """Declare the operations that an action can send, and strip all its text arguments before it is created.

    The REST layer strips numbers and ids. The values that are compared later must equal the values that are sent.
    Texts in lists and tuples are stripped too. Values in mappings are kept: a call variable may begin with a
    space.

    Args:
        used: The operations, or the functions of the REST layer that send them.
    """
    operations = operations_of(*used)

    def declare(make: Callable[P, Action]) -> Callable[P, Action]:
        @sends(*operations)
        @wraps(make)
        def create(*args: P.args, **kwargs: P.kwargs) -> Action:
            made = make(*map(_stripped, args), **{name: _stripped(value) for name, value in kwargs.items()})
            if made.operation is None and len(operations) == 1:
                made = replace(made, operation=operations[0])
            if made.operation is not None and made.operation not in operations:
                raise ValueError(f"{make.__name__} does not declare {made.operation.name!r}")
            return made

        return create

    return declare


def _stripped(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() if type(value) is str else value  # members of an enumeration are not changed
    if isinstance(value, list | tuple):
        return type(value)(map(_stripped, value))
    return value


def own_extension(view: View) -> str:
    """Return the extension that the agent is signed in to.

    Raises:
        InvalidRequestError: The agent is not signed in.
    """
    if view.user is None or not view.extension or view.user.state == "LOGOUT":
        raise InvalidRequestError("The agent is not signed in.", advice="Use sign_in first.")
    return view.extension
