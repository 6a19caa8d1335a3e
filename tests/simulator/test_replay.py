"""Test that the notifications alone are enough to know the truth, whatever was done before.

Random agents do random actions (most of them rejected); a listener applies every notification as a client
would and is compared with the contact center after each action.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Any

import pytest

from mcp_finesse.simulator.calls.allowed_actions import REFUSED
from mcp_finesse.simulator.calls.calls import Party
from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.world.agents import STATES
from mcp_finesse.simulator.world.world import default_world
from tests.simulator.support import Notification, Stage, parse_notification

NUMBERS = ("4500", "4501", "4502", "4503", "8800", "2125550100", "2125550102", "12345", "3125550199")
AGENTS = ("1000", "1001", "1002", "1003")


class Listener:
    """The users and dialogs according to the notifications."""

    def __init__(self) -> None:
        self.states = dict.fromkeys(AGENTS, "LOGOUT")
        self.dialogs: dict[str, dict[str, Any]] = {agent: {} for agent in AGENTS}

    def apply(self, received: Notification) -> None:
        user = received.user_id
        if user is None or received.kind == "apiErrors":
            return
        if received.kind == "user":
            self.states[user] = received.data.findtext("state")
            return
        dialog = received.data.find("Dialog") if received.kind == "dialogs" else received.data
        dialog_id, known = dialog.findtext("id"), dialog.findtext("id") in self.dialogs[user]
        assert known is (received.event != "POST"), f"{received.event} of a dialog that is known: {known}"
        if received.event == "DELETE":
            assert dialog.findtext("state") == "DROPPED"
            del self.dialogs[user][dialog_id]
        else:
            self.dialogs[user][dialog_id] = {
                "state": dialog.findtext("state"),
                "participants": {
                    party.findtext("mediaAddress"): (
                        party.findtext("state"),
                        [action.text for action in party.iterfind("actions/action")],
                    )
                    for party in dialog.iterfind("participants/Participant")
                },
            }


def expected_dialogs(stage: Stage) -> dict[str, dict[str, Any]]:
    """Return the truth in the listener's form."""
    truth = stage.center.truth()
    return {
        agent: {
            dialog_id: {
                "state": truth["dialogs"][dialog_id]["state"],
                "participants": {
                    address: (party["state"], party["actions"])
                    for address, party in truth["dialogs"][dialog_id]["participants"].items()
                },
            }
            for dialog_id in truth["users"][agent]["dialogs"]
        }
        for agent in AGENTS
    }


def act(stage: Stage, agent: str, chance: random.Random) -> None:
    """Do an action on one of the agent's own calls that is usually allowed."""
    own = stage.user(agent)["dialogs"]
    if not own:
        return
    dialog_id, extension = chance.choice(own), stage.user(agent)["extension"]
    allowed = stage.dialog(dialog_id)["participants"][extension]["actions"]
    wanted = [action for action in allowed if action not in ("DROP", "UPDATE_CALL_DATA")] or allowed
    action = chance.choice(wanted if wanted and chance.random() < 0.9 else list(REFUSED))
    stage.center.colleague(agent).act(action, dialog_id, chance.choice(NUMBERS), "1")


def supervise(stage: Stage, chance: random.Random) -> None:
    """Let the supervisor start to monitor an agent, or continue the monitoring."""
    dana = stage.center.colleague("1000")
    own = stage.user("1000")["dialogs"]
    if not own:
        dana.change_state("NOT_READY", "23")
        stage.settle()
        dana.monitor(chance.choice(NUMBERS))
    elif chance.random() < 0.7:
        dana.barge(own[0])
    else:
        dana.act_on(chance.choice(("PARTICIPANT_DROP", "START_RECORDING")), own[0], chance.choice(NUMBERS))


def campaign(stage: Stage, agent: str, chance: random.Random) -> None:
    """Offer the agent a record of a campaign, or let a customer of a campaign answer."""
    records = [*stage.center.truth()["records"]]
    if records and chance.random() < 0.5:
        stage.center.customers.answer(records[-1])
    else:
        name = chance.choice([each.name for each in stage.center.world.campaigns])
        stage.center.customers.offer_record(name, agent, chance.choice(NUMBERS))


def do_something(stage: Stage, chance: random.Random) -> None:
    center, agent, number = stage.center, chance.choice(AGENTS), chance.choice(NUMBERS)
    colleague, dialog_id = center.colleague(agent), chance.choice([*center.truth()["dialogs"], "1"])
    things: list[Callable[[], object]] = [
        *[lambda: act(stage, agent, chance)] * 20,
        *[lambda: colleague.change_state("READY")] * 2,
        lambda: colleague.sign_in(),
        lambda: colleague.change_state(chance.choice(STATES), chance.choice(("", "23", "31"))),
        lambda: colleague.make_call(number),
        lambda: colleague.update_call_data(dialog_id, {"callVariable1": str(chance.random())}, "Sale"),
        lambda: center.customers.call(number, f"+1{chance.randrange(10**9)}"),
        lambda: center.customers.answer(dialog_id),
        lambda: center.customers.hang_up(dialog_id),
        lambda: stage.node.presence(agent, chance.random() < 0.5),
        *[lambda: supervise(stage, chance)] * 4,
        *[lambda: campaign(stage, agent, chance)] * 2,
    ]
    with contextlib.suppress(ApiProblem, LookupError):
        chance.choice(things)()
    stage.time.advance(chance.choice((0, 0, 0, 0.05, 1.5, 1.5, 20)))


def one_active_call_per_device(stage: Stage) -> bool:
    parties: list[Party] = [party for call in stage.center.state.calls.values() for party in call.parties]
    active = [
        party.agent_id
        for party in parties
        if party.agent_id and party.state == "ACTIVE" and not party.passive
    ]
    return len(active) == len(set(active))


@pytest.mark.parametrize("platform", ["UCCE", "UCCX"])
@pytest.mark.parametrize("seed", range(8))
def test_replayed_notifications_give_the_true_state(platform: str, seed: int) -> None:
    chance = random.Random(seed)
    stage, listener = Stage(platform=platform, world=default_world()), Listener()
    for agent in AGENTS:
        stage.center.colleague(agent).sign_in()
    for _ in range(250):
        do_something(stage, chance)
        for publication in stage.published:
            listener.apply(parse_notification(publication))
        stage.published.clear()
        assert listener.states == {agent: stage.state(agent) for agent in AGENTS}
        assert listener.dialogs == expected_dialogs(stage)
        assert one_active_call_per_device(stage)
