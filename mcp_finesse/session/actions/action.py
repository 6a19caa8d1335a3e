"""Data model of actions: an ``Action`` is planned when it is next in the queue, and its ``Step`` is what is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

from pydantic import BaseModel

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.rest import RestClient
from mcp_finesse.session.actions.completion import Completion, View

P = ParamSpec("P")
Send = Callable[[RestClient, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Step:
    """The request to send, and what confirms it.

    Attributes:
        goal: The change that confirms the action.
        send: Sends the request with a request id.
        dialog_id: The dialog the request acts on, or None.
        requires: The action that the agent's participant must allow, or None.
        call_to: The number of a new call, or None.
        task: Whether the dialog is a task rather than a call.
        already: Error types, constants or codes that mean the requested state was already in effect.
        already_text: The message for such an error.
        already_changes: Whether a request that ends with such an error still has an effect.
        new_dialog: Whether the request creates a dialog, so that an error may name an unknown one.
        source: REST path of the object, to match errors without a request id; by default derived from the target.
        begun: Called before the request is sent.
        accepted: Called when Finesse accepted the request and no error followed.
    """

    goal: Completion
    send: Send
    dialog_id: str | None = None
    requires: str | None = None
    call_to: str | None = None
    task: bool = False
    already: frozenset[str] = frozenset()
    already_text: str = "Already in that state. Finesse rejected the request for that reason."
    already_changes: bool = False
    new_dialog: bool = False
    source: str = ""
    begun: Callable[[], None] = lambda: None
    accepted: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Action:
    """One operation that an agent can request.

    Attributes:
        name: Finesse's name of the action (``HOLD``, ``LOGIN``).
        target: The object by which Finesse queues requests: ``user``, a dialog id, ``dialogs`` for a new dialog,
            or a media.
        call_control: Whether only one such action may be outstanding per device (guide p.91).
        plan: Creates the step from the current state; raises ``InvalidRequestError``.
        confirmed: False if Finesse never confirms this action.
        operation: The function of the REST layer that sends the request, such as ``dialogs.take_action``. The
            operation catalogue lists its role and platforms.
        reads: What to read to see the result: ``user``, ``dialogs``, ``tasks``, ``team:ID`` or ``messages:ID``;
            by default derived from the target.
        feed: A feed that reports the result and may not be subscribed yet, such as ``team:310``.
        answered: The HTTP response means that it is done, and no notification follows: read the object at once.
        look_first: Plan the step on a fresh read, because it depends on all existing objects.
        shows: Finds the object to show in the outcome if it is neither the agent nor a dialog.
        result: What it did when it is confirmed, as a sentence without its period; by default derived from the name.
    """

    name: str
    target: str
    plan: Callable[[View], Step]
    call_control: bool = False
    confirmed: bool = True
    operation: str = ""
    reads: str = ""
    feed: str = ""
    answered: bool = False
    look_first: bool = False
    shows: Callable[[View], BaseModel | None] | None = None
    result: str = ""

    @property
    def what_to_read(self) -> str:
        """What to read to see the result."""
        return self.reads or ("user" if self.target == "user" else "dialogs")


def normalized(make: Callable[P, Action]) -> Callable[P, Action]:
    """Strip all text arguments, including those in lists and tuples, before the action is created.

    The REST layer strips numbers and ids, and what is compared must be what is sent. Values in mappings are kept:
    a call variable may begin with a space.
    """

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> Action:
        return make(*map(_stripped, args), **{name: _stripped(value) for name, value in kwargs.items()})

    return made


def _stripped(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() if type(value) is str else value  # keep members of an enumeration
    if isinstance(value, list | tuple):
        return type(value)(map(_stripped, value))
    return value


def own_extension(view: View) -> str:
    """Return the extension that the agent is signed in to.

    Raises:
        InvalidRequestError: The agent is not signed in.
    """
    if view.user is None or not view.extension or view.user.state == "LOGOUT":
        raise InvalidRequestError("The agent is not signed in.", advice="Call sign_in first.")
    return view.extension
