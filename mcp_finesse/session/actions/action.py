"""What an action is: one thing an agent can ask for, planned when its turn comes, with the state of that moment."""

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
    """What is sent now.

    Attributes:
        goal: the change that proves it.
        send: sends the request with a request id.
        dialog_id: the dialog that it goes to, or None.
        requires: the action that the agent's participant must allow, or None.
        call_to: the number of a new call, or None.
        task: the dialog is a task and not a call.
        already: types, constants or codes of errors that say that it is so already.
        already_text: what is to be said then.
        already_changes: such a request has an effect all the same.
        new_dialog: it makes a dialog, so an error may name one that nobody knows.
        source: REST path of the object, for errors without an id; by default that of the target.
        begun: called before the request is sent.
        accepted: called when Finesse accepted it and no error has come.
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
    """One thing an agent can ask for.

    Attributes:
        name: the word of Finesse (``HOLD``, ``LOGIN``).
        target: ``user``, or the id of a dialog, or ``dialogs`` for a new one, or a media; what Finesse queues by.
        call_control: only one such action may be outstanding for a device (guide p.91).
        plan: makes the step from the state of the moment; raises ``InvalidRequestError``.
        confirmed: False where Finesse never tells that it worked.
        operation: the function of the REST layer that asks for it, as ``dialogs.take_action``; the catalogue
            tells for which role and platform it is.
        reads: what is read again to see it: ``user``, ``dialogs``, ``tasks``, ``team:ID``, ``messages:ID``; by
            default that of the target.
        feed: a feed by which it is told and which may not be received, such as ``team:310``.
        answered: Finesse answers when it is done, and no notification will tell: the object is read at once.
        look_first: the step is planned on a fresh read, because it depends on everything there is.
        shows: finds what the action is about, where that is neither the agent nor a dialog.
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

    @property
    def what_to_read(self) -> str:
        """What is read again to see how it went."""
        return self.reads or ("user" if self.target == "user" else "dialogs")


def normalized(make: Callable[P, Action]) -> Callable[P, Action]:
    """Strip each text that a function makes an action of, alone or in a sequence, before anything is planned.

    The REST layer sends numbers and ids without surrounding white space. What is compared must be what is sent.
    Mappings keep their values: a call variable may begin with a blank.
    """

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> Action:
        return make(*map(_stripped, args), **{name: _stripped(value) for name, value in kwargs.items()})

    return made


def _stripped(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() if type(value) is str else value  # a member of an enumeration stays one
    if isinstance(value, list | tuple):
        return type(value)(map(_stripped, value))
    return value


def own_extension(view: View) -> str:
    """The extension that the agent is signed in to.

    Raises:
        InvalidRequestError: to none.
    """
    if view.user is None or not view.extension or view.user.state == "LOGOUT":
        raise InvalidRequestError("The agent is not signed in.", advice="Call sign_in first.")
    return view.extension
