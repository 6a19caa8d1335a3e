"""For every rejection by the simulator, in each state of agent and calls, the advised step succeeds.

Each situation is played in the simulator without sockets, and its notifications update the client's state.
Then every action is tried. For each one that is rejected, by the simulator or by the preflight check, the
advice is parsed as a model reads it, and each step it names is performed in a fresh copy of the situation.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from mcp_finesse.errors import ApiErrorDetail, InvalidRequestError
from mcp_finesse.model import SystemInfo, advice_for, parse_update
from mcp_finesse.server.present.advice import after_failure
from mcp_finesse.session.actions.action import Action
from mcp_finesse.session.actions.calls import (
    answer_call,
    consult_call,
    end_call,
    hold_call,
    retrieve_call,
    send_dtmf,
)
from mcp_finesse.session.actions.preflight import Preflight
from mcp_finesse.session.actions.transfer import conference_call, transfer_call
from mcp_finesse.session.actions.unconfirmed_calls import UnconfirmedCalls
from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.world.world import default_world
from tests.server.support import ScriptedSession
from tests.simulator.support import Stage

ADA, BEN = "1001", "1002"
RINGS, BUSY = "2125550101", "2125550102"
REASONS = {"NOT_READY": "24", "LOGOUT": "31"}


_WORLD = replace(
    default_world(), campaigns=tuple(replace(each, agents=(ADA,)) for each in default_world().campaigns)
)


class Desk:
    """Agent 1001 in one situation: the simulator, and what a session has been notified of."""

    def __init__(self, platform: str, play: Callable[[Stage], Any]) -> None:
        self.session = ScriptedSession()
        self.session.mirror.system = SystemInfo(deployment_type=platform)
        self.stage = Stage(platform, _WORLD)
        self.errors: list[ApiErrorDetail] = []
        self.stage.node.publish = self._hear
        play(self.stage)
        self.stage.time.advance(0)
        self.errors.clear()

    def _hear(self, publication: Any) -> None:
        if publication.user_id == ADA:
            update = parse_update(publication.xml)
            self.errors += update.errors
            self.session.mirror.apply(update, "user")

    @property
    def calls(self) -> list[str]:
        return list(self.session.mirror.dialogs)

    def attempt(self, word: str, dialog_id: str | None) -> list[ApiErrorDetail]:
        """Try an action of the agent in the simulator and return the errors it is rejected with."""
        puppet, self.errors = self.stage.center.colleague(ADA), []
        try:
            if word in ("READY", "NOT_READY", "LOGOUT"):
                puppet.change_state(word, REASONS.get(word, ""))
            elif word == "LOGIN":
                puppet.sign_in()
            elif word == "MAKE_CALL":
                puppet.make_call(RINGS)
            else:
                puppet.act(word, str(dialog_id), to_address=RINGS, digits="1")
        except ApiProblem as refused:
            return [ApiErrorDetail(refused.details.type, refused.details.message, refused.details.data)]
        self.stage.settle()
        return self.errors


# -- the situations


def _signed_in(stage: Stage) -> None:
    stage.sign_in(ADA)


def _ready(stage: Stage) -> None:
    stage.sign_in(ADA, ready=True)


def _ringing(stage: Stage) -> str:
    _ready(stage)
    return stage.center.customers.call("8800", "+13125550142")


def _held(stage: Stage) -> None:
    stage.act(ADA, "HOLD", stage.talking())


def _wrap_up(stage: Stage) -> None:
    stage.act(ADA, "DROP", stage.talking())


def _pending(stage: Stage) -> None:
    stage.talking()
    stage.change(ADA, "NOT_READY", "23")


def _direct(stage: Stage, *, ready: bool = False) -> str:
    stage.sign_in(ADA, ready=ready)
    stage.sign_in(BEN)
    stage.center.colleague(ADA).make_call("4502")
    stage.time.advance(1)
    (dialog_id,) = stage.user(ADA)["dialogs"]
    return str(dialog_id)


def _direct_active(stage: Stage) -> str:
    dialog_id = _direct(stage)
    stage.act(BEN, "ANSWER", dialog_id)
    return dialog_id


def _dialing(stage: Stage) -> None:
    _signed_in(stage)
    stage.center.colleague(ADA).make_call(RINGS)
    stage.settle()


def _busy_line(stage: Stage) -> None:
    _signed_in(stage)
    stage.center.colleague(ADA).make_call(BUSY)
    stage.time.advance(1)


def _offered_directly(stage: Stage) -> None:
    stage.sign_in(ADA, BEN)
    stage.center.colleague(BEN).make_call("4501")
    stage.time.advance(1)


def _consult(stage: Stage, to_address: str) -> str:
    original = stage.talking()
    stage.sign_in(BEN)
    stage.act(ADA, "CONSULT_CALL", original, to_address=to_address)
    stage.time.advance(1)
    return original


def _alternated(stage: Stage) -> None:
    original, _ = stage.consulting()
    stage.act(ADA, "RETRIEVE", original)


def _both_held(stage: Stage) -> None:
    _, consult = stage.consulting()
    stage.act(ADA, "HOLD", consult)


def _conference(stage: Stage) -> None:
    original, _ = stage.consulting()
    stage.act(ADA, "CONFERENCE", original)


def _preview(stage: Stage) -> None:
    _ready(stage)
    stage.center.customers.offer_record("Welcome", ADA, "2125550100")


def _reserved_by_the_dialer(stage: Stage) -> None:
    _ready(stage)
    stage.center.customers.offer_record("Survey", ADA, RINGS)


def _on_a_campaign_call(stage: Stage) -> None:
    _ready(stage)
    stage.act(ADA, "ACCEPT", stage.center.customers.offer_record("Welcome", ADA, "2125550100"))
    stage.time.advance(2)


def _held_and_ringing(stage: Stage) -> None:
    _held(stage)
    stage.sign_in(BEN)
    stage.center.colleague(BEN).make_call("4501")
    stage.time.advance(1)


SITUATIONS: dict[str, Callable[[Stage], Any]] = {
    "signed out": lambda stage: None,
    "not ready": _signed_in,
    "ready": _ready,
    "a routed call rings": _ringing,
    "on a routed call": lambda stage: stage.talking(),
    "on a routed call, another state pending": _pending,
    "a routed call is held": _held,
    "wrap-up": _wrap_up,
    "dialing": _dialing,
    "a colleague's phone rings": _direct,
    "called while ready": lambda stage: _direct(stage, ready=True),
    "on a direct call": _direct_active,
    "a direct call is held": lambda stage: stage.act(ADA, "HOLD", _direct_active(stage)),
    "the number was busy": _busy_line,
    "a direct call rings": _offered_directly,
    "a consult call rings": lambda stage: _consult(stage, "4502"),
    "the consulted number was busy": lambda stage: _consult(stage, BUSY),
    "consulting": lambda stage: stage.consulting(),
    "back with the customer": _alternated,
    "both calls are held": _both_held,
    "conference": _conference,
    "a preview": _preview,
    "reserved by the dialer": _reserved_by_the_dialer,
    "on the call of a campaign": _on_a_campaign_call,
    "a held call and a ringing one": _held_and_ringing,
}

STATE_WORDS = ("READY", "NOT_READY", "LOGOUT")
CALL_WORDS = (
    *("ANSWER", "HOLD", "RETRIEVE", "DROP", "CONSULT_CALL", "TRANSFER", "CONFERENCE", "TRANSFER_SST"),
    "SEND_DTMF",
)


# -- parsing advice


@dataclass(frozen=True)
class Advised:
    """Steps named by an advice, to be performed in order."""

    text: str
    steps: tuple[tuple[str, str | None], ...]


WORDS_OF_TOOLS = {
    "end_call": "DROP",
    "retrieve_call": "RETRIEVE",
    "answer_call": "ANSWER",
    "consult_call": "CONSULT_CALL",
    "hold_call": "HOLD",
    "sign_in": "LOGIN",
    "sign_out": "LOGOUT",
}
_CALL = re.compile(r"(\w+_call)\(dialog_id=(\d+)\)( before a new call|, then try again)?")


def advised_by(text: str, about: str | None) -> Iterator[Advised]:
    """Yield each way that a text names, as steps."""
    for dialog_id, allowed in re.findall(r"Allowed on call (\d+) now: ([\w, ]+)\.", text):
        yield from (Advised(text, ((word, dialog_id),)) for word in allowed.split(", ") if word in CALL_WORDS)
    for allowed in re.findall(r"Allowed now: ([\w, ]+)\.", text):
        yield from (Advised(text, ((word, about),)) for word in allowed.split(", ") if word in CALL_WORDS)
    for states in re.findall(r"can request: ([\w, ]+)\.", text):
        known = [WORDS_OF_TOOLS.get(word, word) for word in states.split(", ")]
        yield from (Advised(text, ((word, None),)) for word in known if word in STATE_WORDS)
    if "Use sign_in first" in text or "Use sign_in first" in text:
        yield Advised(text, (("LOGIN", None),))
    if "change_state with NOT_READY or READY" in text:
        yield from (Advised(text, ((word, None), ("MAKE_CALL", None))) for word in ("READY", "NOT_READY"))
    for way in re.findall(r"To resume the call, use ([^.]+)\.", text):
        yield Advised(text, tuple((WORDS_OF_TOOLS[tool], id_) for tool, id_, _ in _CALL.findall(way)))
    for sentence in re.findall(r"Use[^.]+\.", text):
        yield from _ways(text, sentence, about)


def _ways(text: str, sentence: str, about: str | None) -> Iterator[Advised]:
    if "Use retrieve_call" in sentence and "then consult_call" in sentence:
        named = _CALL.search(sentence)
        held = named[2] if named else about
        yield Advised(text, (("RETRIEVE", held), ("CONSULT_CALL", held)))
    elif "Use consult_call first" in sentence:
        yield Advised(text, (("CONSULT_CALL", about),))
        if "blind transfer" in sentence:
            yield Advised(text, (("TRANSFER_SST", about),))
    elif sentence.startswith("Use "):
        for tool, dialog_id, after in _CALL.findall(sentence):
            steps = ((WORDS_OF_TOOLS[tool], dialog_id),)
            # A call that ends may be followed by wrap-up, for which there is separate advice.
            calls = (("MAKE_CALL", None),) if after and tool == "hold_call" else ()
            yield Advised(text, steps + calls)


# -- the table


def planned(desk: Desk, word: str, dialog_id: str | None) -> str:
    """Return the error with which the preflight check rejects an action, or an empty string."""
    makers: dict[str, Callable[[str], Action]] = {
        "ANSWER": answer_call,
        "HOLD": hold_call,
        "RETRIEVE": retrieve_call,
        "DROP": end_call,
        "CONSULT_CALL": lambda id_: consult_call(id_, RINGS),
        "TRANSFER": transfer_call,
        "CONFERENCE": conference_call,
        "TRANSFER_SST": lambda id_: transfer_call(id_, RINGS),
        "SEND_DTMF": lambda id_: send_dtmf(id_, "1"),
    }
    if dialog_id is None:
        return ""

    async def reread(_: str) -> None:
        return None

    preflight = Preflight(desk.session.mirror, reread, 1.0, UnconfirmedCalls(1.0, lambda: 0.0))
    try:
        asyncio.run(preflight.check(makers[word](dialog_id)))
    except InvalidRequestError as error:
        return str(error)
    return ""


def attempts(desk: Desk) -> Iterator[tuple[str, str | None]]:
    yield from ((word, None) for word in STATE_WORDS)
    if desk.stage.state(ADA) != "LOGOUT":  # without an extension the client sends no call
        yield "MAKE_CALL", None
    yield from ((word, dialog_id) for dialog_id in desk.calls for word in CALL_WORDS)


# -- the catalog of error codes


def _always(desk: Desk) -> bool:
    return True


def _has_call(desk: Desk) -> bool:
    return bool(desk.calls)


def _is_signed_out(desk: Desk) -> bool:
    return desk.stage.state(ADA) == "LOGOUT"


CATALOGUE_ADVICE: dict[str, Callable[[Desk], bool]] = {
    "Read the agent and the calls again, and use an action that their current state allows.": _always,
    "Read the call again, and use one of the actions listed for the agent's participant.": _always,
    "Request a state that the agent's current state allows; during a call, request the state after the call.": _always,
    "Request READY again when the agent has no call.": _has_call,
    "If the agent is signed out, sign in first. Otherwise check the password.": _is_signed_out,
    "If the agent is signed out, sign in first. Otherwise check the values.": _is_signed_out,
    "Check the number, and write the number as it is dialed on the phone.": _always,
    "Wait a few seconds and read the object; repeat the request only if the change is still missing.": _always,
    "Use the id and extension of the signed-in user.": _always,
    "Let the conference controller make the request, or end the other consult call first.": _has_call,
}
"""Each advice of the catalog that the simulator can cause here, and the states in which it makes sense."""


@pytest.mark.parametrize("platform", ["UCCE", "UCCX"])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_advised_step_succeeds_in_the_state_it_is_given_in(platform: str, situation: str) -> None:
    play = SITUATIONS[situation]
    texts: dict[tuple[str, str | None], None] = {}
    for word, dialog_id in attempts(Desk(platform, play)):
        desk = Desk(platform, play)
        if text := planned(desk, word, dialog_id):
            texts[text, dialog_id] = None
        if errors := desk.attempt(word, dialog_id):
            texts[after_failure(desk.session.as_session(), word, dialog_id), dialog_id] = None
            advice = advice_for(errors)
            assert CATALOGUE_ADVICE[advice](desk), f"{word} {errors}: {advice}"
    ways = {each.steps: each.text for text, about in texts for each in advised_by(text, about) if each.steps}
    for steps, text in ways.items():
        desk = Desk(platform, play)
        for word, dialog_id in steps:
            errors = desk.attempt(word, dialog_id)
            assert not errors, f"{word}: {errors}\n{text}"
            desk.stage.time.advance(1)
