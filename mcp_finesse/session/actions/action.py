"""Data model of actions. An ``Action`` waits for its turn, then prepares the request to send."""

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
    """The request that an action sends, and the state change that confirms the action.

    Attributes:
        completion: The state change that confirms the action.
        send: A function that sends the request with a given request id.
        dialog_id: The dialog the request acts on, or None.
        requires: The action that must be among the allowed actions of the agent's participant, or None.
        call_to: The number to call, if the request makes a phone call. Otherwise None.
        task: Whether the dialog is a task. If False, the dialog is a phone call.
        already_errors: Error types, error constants or error codes which mean that the requested state was
            already in effect.
        already_text: The message of the outcome if Finesse reports one of ``already_errors``.
        already_changes: Whether a request still has an effect if Finesse rejects it with one of
            ``already_errors``.
        new_dialog: Whether the request creates a dialog. An error of such a request may name a dialog that is
            not known yet.
        source: REST path of the object, used to match errors without a request id. The default is derived from
            the target.
        on_send: A function that is called before the request is sent.
        on_accepted: A function that is called when Finesse accepted the request and no error followed.
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
        target: The object that the action changes: ``user``, a dialog id, ``dialogs`` for a new dialog, or a
            media. Finesse keeps a request queue for each object.
        call_control: Whether this is a call-control action. A device may have only one outstanding call-control
            action (guide p.91).
        prepare: A function that creates the request from the current state. The function raises
            ``InvalidRequestError`` if the request is impossible.
        operation: The API operation that the action sends. The decorator ``action`` sets this field if the
            function declares only one operation.
        reads: The object to read to see the result: ``user``, ``dialogs``, ``tasks``, ``team:ID`` or
            ``messages:ID``. The default is derived from the target.
        feed: The feed that reports the result, such as ``team:310``. The session subscribes to the feed for the
            action if necessary.
        read_first: Whether to read the state before the request is prepared. Reading first is necessary if the
            request depends on all existing objects.
        shown_object: A function that finds the object to show in the outcome. Needed only if the object is
            neither the agent nor a dialog.
        result: What the confirmed action did, as a sentence without its period. The default is derived from the
            name.
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
        """The feed that reports the result."""
        return self.operation.reported_by if self.operation is not None else ReportedBy.NOTIFICATION

    @property
    def what_to_read(self) -> str:
        """The object to read to see the result."""
        return self.reads or ("user" if self.target == "user" else "dialogs")


def action(*used: Used) -> Callable[[Callable[P, Action]], Callable[P, Action]]:
    """Declare the operations that an action can send, and strip whitespace from all its text arguments.

    The arguments are stripped before the action is created. The REST layer strips numbers and ids, and the
    values that are compared later must equal the values that are sent. Texts in lists and tuples are also
    stripped. Values in mappings are not stripped: a call variable may begin with a space.

    Args:
        used: The operations that the action can send. A function of the REST layer stands for the operation
            that it sends.
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
        return value.strip() if type(value) is str else value  # members of an enumeration are not stripped
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
