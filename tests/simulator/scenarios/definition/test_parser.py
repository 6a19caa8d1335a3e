"""A bad scenario gives the line, the field and what was expected. The JSON schema accepts what the parser accepts."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mcp_finesse.simulator.scenarios.definition import (
    ScenarioError,
    json_schema,
    parse_scenario,
    read_scenario,
    shipped_scenarios,
    shipped_text,
)
from mcp_finesse.simulator.scenarios.definition.yaml_document import MAX_BYTES

GOOD = """\
title: Test
duration: 600
teams:
  - {id: 7, name: Team}
agents:
  - {id: 11, first_name: Ann, last_name: Lee, extension: 5001, team: 7}
  - {id: 12, first_name: Bob, last_name: Ray, extension: 5002, team: 7}
queues:
  - {id: 70, name: Sales, number: 0800, agents: [11, 12]}
media_domains:
  - {id: 50, name: Chat, agents: [11]}
campaigns:
  - name: News
    mode: PREVIEW
    agents: [11]
    contacts: [{number: 2125550100}]
customers:
  - {number: 3125550142, name: A & B, variables: {callVariable3: gold}}
scripted_agents:
  - agents: [11]
    answers: {min: 1, max: 5}
    media: [Chat]
    breaks: [{at: 100, seconds: 50, reason: Lunch}]
calls:
  - {queue: Sales, at: [1, 2]}
  - {agent: 12, per_hour: 10, start: 5, end: 500}
chats:
  - {media: Chat, at: 5}
faults:
  - {at: 5, fault: lose_next_event, n: 2}
"""


def refusal(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text)
    return str(caught.value)


def test_good_scenario_is_accepted() -> None:
    scenario = parse_scenario(GOOD).scenario
    assert scenario.queues[0].number == "0800"
    assert scenario.scripted_agents[0].answers.max == 5


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("title: Test\n", "", "line 1: expected the field title"),
        ("title: Test", "title:", "line 1, title: expected a text that is not empty, but found nothing"),
        ("title: Test", "title: [Test]", "line 1, title: expected a text, but found a list"),
        ("duration: 600", "duration: long", "line 2, duration: expected a number, but found 'long'"),
        ("duration: 600", "duration: nan", "line 2, duration: expected a number, but found 'nan'"),
        (
            "duration: 600",
            "duration: 90000",
            "line 2, duration: expected a number of at most 86400, but found '90000'",
        ),
        ("duration: 600", "duration: 0", "line 2, duration: expected a number above 0, but found '0'"),
        (
            "duration: 600",
            "duration: 600\nseed: 1.5",
            "line 3, seed: expected a whole number, but found '1.5'",
        ),
        (
            "duration: 600",
            "duration: 600\nseed: -1",
            "line 3, seed: expected a number of at least 0, but found '-1'",
        ),
        (
            "duration: 600",
            "duration: 600\nspeed: 5000",
            "line 3, speed: expected a number of at most 1000, but found '5000'",
        ),
        (
            "id: 7,",
            "id: 7 7,",
            "line 4, teams.id: expected an id of at most 32 letters, digits, dots, hyphens and "
            "underscores, but found '7 7'",
        ),
        (
            "extension: 5001",
            "extension: x",
            "line 6, agents.extension: expected a phone number, but found 'x'",
        ),
        (
            "extension: 5001, team: 7",
            "extension: 5001, team: 8",
            "line 6, agents.team: expected a team, but there is no team '8'",
        ),
        (
            "5001, team: 7",
            "5001, team: 7, mobile: maybe",
            "line 6, agents.mobile: expected true or false, but found 'maybe'",
        ),
        (
            "5001, team: 7",
            "5001, team: 7, supervises: [9]",
            "line 6, agents.supervises: expected a team, but there is no team '9'",
        ),
        (
            "extension: 5002",
            "extension: 5001",
            "line 7, agents.extension: expected another extension, because '5001' is already in use",
        ),
        (
            "agents: [11, 12]}",
            "agents: [11, 13]}",
            "line 9, queues.agents: expected an agent, but there is no agent '13'",
        ),
        ("agents: [11, 12]}", "agents: 11}", "line 9, queues.agents: expected a list, but found '11'"),
        (
            "media_domains:\n",
            "media_domains:\n  - {id: 1, name: Calls, agents: []}\n",
            "line 11, media_domains.id: expected another id, because '1' is that of calls",
        ),
        (
            "mode: PREVIEW",
            "mode: SLOW",
            "line 14, campaigns.mode: expected 'PREVIEW', 'DIRECT_PREVIEW', 'PROGRESSIVE' or "
            "'PREDICTIVE', but found 'SLOW'",
        ),
        (
            "callVariable3: gold",
            "callVariable33: gold",
            "line 18, customers.variables.callVariable33: expected a call variable, but there is no "
            "'callVariable33' (did you mean 'callVariable3'?)",
        ),
        (
            "{min: 1, max: 5}",
            "{min: 9, max: 5}",
            "line 21, scripted_agents.answers: expected min to be at most max, which is 5",
        ),
        ("{min: 1, max: 5}", "fast", "line 21, scripted_agents.answers: expected a number, but found 'fast'"),
        (
            "answers: {",
            "answer: {",
            "line 21, scripted_agents.answer: expected a known field (did you mean answers?)",
        ),
        (
            "media: [Chat]",
            "media: [Chats]",
            "line 22, scripted_agents.media: expected a media routing domain, but there is no media "
            "routing domain 'Chats' (did you mean 'Chat'?)",
        ),
        (
            "- agents: [11]\n    answers",
            "- agents: [12]\n    answers",
            "line 22, scripted_agents.media: expected a domain of all these agents, but '12' is not in it",
        ),
        (
            "- agents: [11]\n    answers",
            "- agents: [11, 11]\n    answers",
            "line 20, scripted_agents.agents: expected each agent once, but '11' is already scripted",
        ),
        (
            "- agents: [11]\n    answers",
            "- agents: []\n    answers",
            "line 20, scripted_agents.agents: expected at least 1 entry, but found a list",
        ),
        (
            "reason: Lunch",
            "reason: Launch",
            "line 23, scripted_agents.breaks.reason: expected a reason code, but there is no reason "
            "code 'Launch' (did you mean 'Lunch'?)",
        ),
        (
            "{queue: Sales, at: [1, 2]}",
            "{queue: Salse, at: 1}",
            "line 25, calls.queue: expected a queue, but there is no queue 'Salse' (did you mean 'Sales'?)",
        ),
        (
            "{queue: Sales, at: [1, 2]}",
            "{queue: Sales, at: [1, soon]}",
            "line 25, calls.at: expected a number, but found 'soon'",
        ),
        (
            "{queue: Sales, at: [1, 2]}",
            "{queue: Sales, at: [1, 601]}",
            "line 25, calls.at: expected at most 600, the duration of the scenario",
        ),
        (
            "{queue: Sales, at: [1, 2]}",
            "{queue: Sales, agent: 11, at: 1}",
            "line 25, calls: expected either queue or agent",
        ),
        ("{queue: Sales, at: [1, 2]}", "{queue: Sales}", "line 25, calls: expected either at or per_hour"),
        (
            "{queue: Sales, at: [1, 2]}",
            "soon",
            "line 25, calls: expected fields with values, but found 'soon'",
        ),
        (
            "agent: 12, per",
            "agent: 99, per",
            "line 26, calls.agent: expected an agent, but there is no agent '99'",
        ),
        (
            "start: 5, end: 500",
            "start: 500, end: 5",
            "line 26, calls.end: expected a time after the start at 500",
        ),
        (
            "{media: Chat, at: 5}",
            "{media: Chat, agent: 12, at: 5}",
            "line 28, chats.agent: expected an agent of the domain 'Chat'",
        ),
        (
            "fault: lose_next_event",
            "fault: lose_next_events",
            "line 30, faults.fault: expected one of 35 values, such as 'lose_next_event', but found "
            "'lose_next_events'",
        ),
        (
            "n: 2",
            "status: 500",
            "line 30, faults.status: expected no field status, because lose_next_event has none",
        ),
        (
            "lose_next_event, n: 2",
            "http_status",
            "line 30, faults: expected the field status, which http_status requires",
        ),
        ("n: 2", "node: 2", "line 30, faults.node: expected at most 1, the number of nodes of the scenario"),
        ("n: 2", "n: 2, at: 6", "line 30: expected each field once, but 'at' is also on line 30"),
    ],
    ids=lambda value: value if str(value).startswith("line ") else "",
)
def test_bad_value_gives_line_field_and_what_was_expected(old: str, new: str, expected: str) -> None:
    assert old in GOOD
    assert refusal(GOOD.replace(old, new, 1)) == expected


def test_several_problems_are_named_in_the_order_of_their_lines() -> None:
    text = GOOD.replace("at: [1, 2]", "at: soon").replace("duration: 600", "duration: long")
    assert refusal(text) == (
        "line 2, duration: expected a number, but found 'long'; line 25, calls.at: expected a number, but found 'soon'"
    )


def test_number_of_named_problems_is_limited() -> None:
    many = GOOD + "".join(f"wrong{number}: 1\n" for number in range(5000))
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(many)
    assert len(caught.value.problems) == 5
    unknown = GOOD + "lines: {}\n".replace(
        "{}", "{" + ", ".join(f"{number}: odd" for number in range(1000)) + "}"
    )
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(unknown)
    assert len(caught.value.problems) == 5


@pytest.mark.parametrize("text", ["- a", "text", "[]", "1"])
def test_file_that_is_no_mapping_is_refused(text: str) -> None:
    assert refusal(text).startswith("line 1: expected the fields of a scenario, but found a ")


def test_number_of_arrivals_is_limited() -> None:
    text = "title: x\nduration: 36000\ncalls:\n" + "  - {queue: 77, per_hour: 600}\n" * 2
    assert refusal(text) == "line 5, calls: expected at most 10,000 calls and chats in the whole scenario"


def test_default_contact_center_applies_to_what_a_scenario_without_agents_omits() -> None:
    world = parse_scenario("title: x\nduration: 9\ncalls: [{queue: North.Sales, at: 1}]").world
    assert world.agents[1].id == "1001"
    assert refusal(GOOD.replace("queue: Sales", "queue: North.Sales")).startswith("line 25, calls.queue")


ON_UCCX = (
    "line 14, campaigns.mode: expected a mode of UCCX, not PREVIEW; "
    "line 27, chats: expected no chats, because UCCX has no tasks"
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", ON_UCCX),
        (
            "lose_next_event, n: 2",
            "enter_maintenance",
            f"{ON_UCCX}; line 30, faults.fault: expected a fault of UCCX, not enter_maintenance",
        ),
    ],
    ids=["campaign and chats", "fault"],
)
def test_scenario_for_ucce_is_refused_on_uccx(old: str, new: str, expected: str) -> None:
    text = GOOD.replace(old, new, 1) if old else GOOD
    parse_scenario(text, "UCCE")
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, "UCCX")
    assert str(caught.value) == expected


# Files


def test_scenario_is_read_by_name_or_by_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert read_scenario(str(path)).scenario.title == "Test"
    assert read_scenario("quiet-day").scenario.title == "Quiet day"


def test_file_that_is_too_large_or_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(ScenarioError, match="expected at most 200,000 bytes"):
        read_scenario(str(path))
    path.write_bytes(b"title: x\n\xff")
    with pytest.raises(ScenarioError, match="line 2: expected UTF-8"):
        read_scenario(str(path))


def test_folder_and_missing_file_are_os_errors(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.yaml"):
        with pytest.raises(OSError, match=r"not a file|No such file"):
            read_scenario(str(path))


# The JSON schema

EXAMPLES = [GOOD, *(shipped_text(name) for name in shipped_scenarios())]


@pytest.mark.parametrize("text", EXAMPLES, ids=["test", *shipped_scenarios()])
def test_what_an_editor_reads_from_a_good_file_fits_the_schema_and_raises_nothing(text: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(yaml.safe_load(text), json_schema(), cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("duration: 600", "duration: long"),
        ("title: Test\n", ""),
        ("fault: lose", "fault: luse"),
        ("at: [1, 2]", "att: 1"),
    ],
)
def test_schema_refuses_what_the_parser_refuses(old: str, new: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(GOOD.replace(old, new, 1)), json_schema())


# Any mistake

_VALUES = st.one_of(
    st.sampled_from(["", "~", "x", "-1", "1e400", "9" * 5000, "[]", "\x07", "77", "true", "Sales", "11"]),
    st.lists(st.sampled_from(["1", "x"]), max_size=3),
    st.dictionaries(st.sampled_from(["min", "max", "id", "at"]), st.sampled_from(["1", "x"]), max_size=2),
)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(each for key, item in inner for each in paths_of(item, (*path, key)))]


TREE = yaml.load(GOOD, yaml.BaseLoader)
PATHS = [path for path in paths_of(TREE) if path]


def problems_of(text: str) -> tuple[str, ...]:
    try:
        parse_scenario(text)
    except ScenarioError as error:
        return error.problems
    return ()


@given(st.sampled_from(PATHS), _VALUES)
def test_any_wrong_value_is_accepted_or_refused_with_its_line(path: tuple[Any, ...], value: Any) -> None:
    changed = copy.deepcopy(TREE)
    parent = changed
    for part in path[:-1]:
        parent = parent[part]
    parent[path[-1]] = value
    for problem in problems_of(yaml.dump(changed, sort_keys=False)):
        assert re.match(r"line \d+[,:] .*(expected|this is not YAML)", problem), problem
