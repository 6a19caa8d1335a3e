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
    """Nothing changed. The answer names code, category and teams."""
    end.nothing_changed()
    end.expect(any("ReasonCode" in request.path for request in end.requests), "it did not look")
    end.says("43", "not.ready", "all teams|every team|everyone|everybody|for all|any team|each team")


def _looks_up() -> Script:
    found = yield use("list_configuration", kind="ReasonCode", query="Training")
    yield use("get_configuration", kind="ReasonCode", object="Training")
    return f"Training has code {found.data['objects'][0]['code']}, for NOT_READY, and all teams may use it."


# -- a new one, for one team


def _is_there_for_one_team(end: Ending) -> None:
    """The new code exists for team North only. Other codes are unchanged."""
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
    """Nothing was created or deleted. The answer says that the code is taken."""
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


# -- import contacts


def contacts(end: Ending) -> set[tuple[str, ...]]:
    """Return first name, last name and number of every contact in the phone book North."""
    configuration = end.center.configuration
    book = next(book for book in configuration.phone_books if book.text("name") == "North")
    columns = ("firstName", "lastName", "phoneNumber")
    return {tuple(each.text(name) for name in columns) for each in configuration.contacts_of(book)}


def _told_what_would_change(end: Ending) -> None:
    """Nothing was imported. The answer says how many contacts would be added and removed."""
    end.expect(not end.writes(), "something was sent")
    end.says(r"add|new|come|plus|\+", r"\b(1|one)\b", "remov|delet|go|lose|drop|replac")


def _runs_dry() -> Script:
    told = yield use("import_contacts", phone_book="North", csv="Ina,Roe,5550111,\n", dry_run=True)
    return f"{told.data['message']} So it would add 1 contact and remove all others."


def _imports_them() -> Script:
    yield use("import_contacts", phone_book="North", csv="Ina,Roe,5550111,\n")
    return "It would add 1 contact and remove all others."


def _is_imported_in_the_right_columns(end: Ending) -> None:
    """The phone book contains the two contacts, with names and numbers in the correct fields."""
    got = contacts(end)
    end.expect(got == {("Ina", "Roe", "5550111"), ("Ben", "Ito", "4502")}, f"the contacts are {sorted(got)}")
    end.says("ina|two|2", "import|replac")


def _mends_the_columns() -> Script:
    refused = yield use(
        "import_contacts",
        phone_book="North",
        csv="Telefon,Vorname,Nachname\n5550111,Ina,Roe\n4502,Ben,Ito\n",
    )
    assert refused.is_error
    done = yield use("import_contacts", phone_book="North", csv="Ina,Roe,5550111,\nBen,Ito,4502,\n")
    assert done.data["status"] == "confirmed"
    return "Both contacts, Ina Roe and Ben Ito, were imported; the phone book was replaced."


def _imports_numbers_as_names() -> Script:
    yield use("import_contacts", phone_book="North", csv="5550111,Ina,1,Roe\n4502,Ben,2,Ito\n")
    return "Two contacts were imported; the phone book was replaced."


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
    Task(
        "import-previewed",
        "What would change in the phone book North if I imported this file? Don't import it yet.\n\nIna,Roe,5550111,",
        as_configured,
        _told_what_would_change,
        _runs_dry,
        _imports_them,
        toolsets=("admin",),
    ),
    Task(
        "import-reordered",
        "Replace all contacts of the phone book North by these:\n\nTelefon,Vorname,Nachname\n5550111,Ina,Roe\n"
        "4502,Ben,Ito",
        as_configured,
        _is_imported_in_the_right_columns,
        _mends_the_columns,
        _imports_numbers_as_names,
        toolsets=("admin",),
    ),
)
