"""Test that the notifications alone are enough to know tasks and media states, interrupts included."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Any

import pytest

from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.tasks.tasks import LEADS_TO
from tests.simulator.support import Stage, parse_notification

AGENTS, DOMAINS = ("1001", "1002", "2001"), ("5001", "5002")
ACTIONS = (*LEADS_TO, "CLOSE", "TRANSFER")


class Listener:
    """Media and tasks according to the notifications."""

    def __init__(self, stage: Stage) -> None:
        truth = stage.center.truth()["media"]
        self.media = {
            (agent, domain): truth[agent][domain]["state"] for agent in AGENTS for domain in DOMAINS
        }
        self.tasks: dict[str, dict[str, str]] = {agent: {} for agent in AGENTS}

    def apply(self, publication: Any) -> None:
        received = parse_notification(publication)
        if "/Media" not in received.node or received.kind == "apiErrors":
            return
        user = str(received.user_id)
        if received.kind == "Media":
            self.media[user, received.data.findtext("id")] = received.data.findtext("state")
            return
        dialog = received.data.find("Dialog") if received.kind == "dialogs" else received.data
        dialog_id = dialog.findtext("id")
        assert (dialog_id in self.tasks[user]) is (received.event != "POST")
        if received.event == "DELETE":
            assert dialog.findtext("state") == "CLOSED"
            del self.tasks[user][dialog_id]
        else:
            self.tasks[user][dialog_id] = dialog.findtext("state")


def do_something(stage: Stage, chance: random.Random) -> None:
    center, agent, domain = stage.center, chance.choice(AGENTS), chance.choice(DOMAINS)
    colleague, own = center.colleague(agent), stage.center.tasks.tasks_of(agent)
    calls = [*center.truth()["dialogs"]]
    things: list[Callable[[], object]] = [
        *[lambda: colleague.act_on_task(chance.choice(ACTIONS), chance.choice(own).id, "chat.sales")] * 12,
        *[lambda: center.customers.send_task(domain)] * 2,
        lambda: center.customers.withdraw_task(chance.choice(center.tasks.tasks)),
        *[lambda: colleague.sign_in_to_media(domain, 2, chance.choice(("ACCEPT", "IGNORE")))] * 2,
        *[lambda: colleague.change_media(domain, state="READY")] * 4,
        lambda: colleague.change_media(domain, state="NOT_READY", reason_code_id="23"),
        lambda: colleague.change_media(domain, state="LOGOUT", reason_code_id="31"),
        lambda: colleague.change_media(domain, routable=chance.choice(("true", "false"))),
        lambda: center.customers.call(center.state.agents[agent].extension, "3125550142"),
        lambda: colleague.act("ANSWER", chance.choice(calls)),
        lambda: center.customers.hang_up(chance.choice(calls)),
    ]
    with contextlib.suppress(ApiProblem, LookupError):
        chance.choice(things)()
    stage.time.advance(chance.choice((0, 0, 0, 1, 31)))


@pytest.mark.parametrize("seed", range(6))
def test_replayed_notifications_give_the_true_media_and_tasks(seed: int) -> None:
    chance = random.Random(seed)
    stage = Stage()
    stage.sign_in(*AGENTS)
    listener = Listener(stage)
    for _ in range(250):
        do_something(stage, chance)
        for publication in stage.published:
            listener.apply(publication)
        stage.published.clear()
        truth = stage.center.truth()
        assert listener.media == {
            (agent, domain): truth["media"][agent][domain]["state"] for agent in AGENTS for domain in DOMAINS
        }
        told = {id_: state for tasks in listener.tasks.values() for id_, state in tasks.items()}
        assert told == {id_: task["state"] for id_, task in truth["tasks"].items() if task["agent"]}
        limits = [len(stage.center.tasks.tasks_of(agent, domain)) for agent in AGENTS for domain in DOMAINS]
        assert max(limits) <= 2
