"""Tasks of an administrator: look up what is configured, and change it for one team and no other."""

from __future__ import annotations

from tests.tasks.ending import Ending
from tests.tasks.stage import Stage
from tests.tasks.task import Script, Task, only_says, use


async def as_configured(stage: Stage) -> None:
    """Nobody is at work, and everything is configured as it was at first."""


def codes(end: Ending) -> dict[str, tuple[str, int, frozenset[str] | None]]:
    """Category, code and teams (None for all) of every reason code that is no system code, by its label."""
    found = end.center.configuration.codes_of_agents()
    return {each.label: (each.category, each.code, each.teams) for each in found if not each.system}


# -- look up


def _tells_the_code(end: Ending) -> None:
    """Nothing changed; code, category and teams are told."""
    end.nothing_changed()
    end.expect(any("ReasonCode" in request.path for request in end.requests), "it did not look")
    end.says("43", "not.ready", "all teams|every team|everyone|everybody|for all|any team|each team")


def _looks_up() -> Script:
    found = yield use("list_configuration", kind="ReasonCode", query="Training")
    yield use("get_configuration", kind="ReasonCode", object="Training")
    return f"Training has code {found.data['objects'][0]['code']}, for NOT_READY, and all teams may use it."


# -- a new one, for one team


def _is_there_for_one_team(end: Ending) -> None:
    """The new code is there, for that team alone; others are as they were."""
    got = codes(end).get("Dentist")
    end.expect(got == ("NOT_READY", 77, frozenset({"310"})), f"Dentist is {got}")
    end.expect(codes(end).get("Lunch") == ("NOT_READY", 41, None), "another code was changed")
    end.says("dentist", "north")


def _creates_and_assigns() -> Script:
    values = {"category": "NOT_READY", "code": 77, "label": "Dentist", "for_all": False}
    made = yield use("create_configuration", kind="ReasonCode", values=values)
    assert made.data["status"] == "confirmed"
    given = yield use(
        "change_team_assignments", team="North", kind="ReasonCode", category="NOT_READY", add=["Dentist"]
    )
    assert given.data["status"] == "confirmed"
    return "The reason Dentist (code 77) is there, for team North alone."


def _gives_it_to_all() -> Script:
    values = {"category": "NOT_READY", "code": 77, "label": "Dentist", "for_all": True}
    yield use("create_configuration", kind="ReasonCode", values=values)
    return "The reason Dentist (code 77) is there, for team North alone."


# -- what is not possible


def _says_that_the_code_is_taken(end: Ending) -> None:
    """Nothing created, nothing deleted; told that the code is taken."""
    end.expect("Doctor" not in codes(end), "it was created all the same")
    end.expect(codes(end).get("Lunch") == ("NOT_READY", 41, None), "Lunch was changed")
    end.says("lunch|taken|already|exists|duplicate|in use|used", "41")


def _is_told_that_it_is_taken() -> Script:
    values = {"category": "NOT_READY", "code": 41, "label": "Doctor", "for_all": True}
    made = yield use("create_configuration", kind="ReasonCode", values=values)
    assert made.is_error or made.data["status"] == "failed"
    return "It was not created: code 41 is taken already, by Lunch. Which other code shall it have?"


def _takes_it_from_lunch() -> Script:
    yield use("delete_configuration", kind="ReasonCode", object="Lunch")
    values = {"category": "NOT_READY", "code": 41, "label": "Doctor", "for_all": True}
    yield use("create_configuration", kind="ReasonCode", values=values)
    return "Doctor has code 41 now, which was taken by Lunch."


TASKS = (
    Task(
        "which-code",
        "What is the code of the reason Training, what is it for, and which teams may use it?",
        as_configured,
        _tells_the_code,
        _looks_up,
        only_says("Training is a NOT_READY reason with code 43, for all teams."),
        toolsets=("admin",),
    ),
    Task(
        "reason-for-one-team",
        "Make a new not ready reason Dentist with the code 77, for team North only.",
        as_configured,
        _is_there_for_one_team,
        _creates_and_assigns,
        _gives_it_to_all,
        toolsets=("admin",),
    ),
    Task(
        "code-taken",
        "Make a new not ready reason Doctor, for all teams. It must have the code 41.",
        as_configured,
        _says_that_the_code_is_taken,
        _is_told_that_it_is_taken,
        _takes_it_from_lunch,
        toolsets=("admin",),
    ),
)
