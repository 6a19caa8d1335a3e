"""The base of all models: lenient in reading, typed in the result."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from mcp_finesse.model.states import AgentState, AnyAgentState
from mcp_finesse.model.wire import Wire, WireModel, id_from_uri, read_list, read_time
from mcp_finesse.model.xml import parse


class Leg(WireModel):
    state: AnyAgentState | None = None


class Thing(WireModel):
    """A docstring that no schema shall carry."""

    some_number: int | None = None
    flag: bool | None = None
    at: datetime | None = None
    odd_name: Annotated[str | None, Wire("DNIS")] = None
    leg: Leg | None = None
    legs: list[Leg] = Field(default_factory=list)
    words: list[str] = Field(default_factory=list)


class Path(WireModel):
    steps: Annotated[list[Leg], Wire("step", repeated=True)] = Field(default_factory=list)


def read(inner: str) -> Thing:
    return Thing.from_element(parse(f"<Thing>{inner}</Thing>"))


def test_every_kind_of_field_is_read() -> None:
    thing = read(
        "<someNumber> 7 </someNumber><flag>TRUE</flag><at>2030-05-01T09:12:40.615Z</at><DNIS>8800</DNIS>"
        "<leg><state>READY</state></leg><legs><Leg><state>HOLD</state></Leg></legs><words><w>a</w><w>b</w></words>"
    )

    assert thing.some_number == 7
    assert thing.flag is True
    assert thing.at == datetime(2030, 5, 1, 9, 12, 40, 615000, UTC)
    assert thing.odd_name == "8800"
    assert thing.leg == Leg(state=AgentState.READY)
    assert thing.legs == [Leg(state=AgentState.HOLD)]
    assert thing.words == ["a", "b"]
    assert thing.extra == {}


def test_a_list_that_comes_in_parts_is_one() -> None:
    thing = read(
        "<words><w>a</w></words><legs><Leg><state>HOLD</state></Leg></legs><words/><words><w>b</w></words>"
    )

    assert thing.words == ["a", "b"]
    assert len(thing.legs) == 1
    assert thing.extra == {}


def test_items_without_an_element_around_them_keep_their_places() -> None:
    path = Path.from_element(parse("<Path><step/><Step><state>HOLD</state></Step><word/><step/></Path>"))

    assert path.steps == [Leg(), Leg(state=AgentState.HOLD), Leg()]


@pytest.mark.parametrize("name", ["someNumber", "SomeNumber"])
@pytest.mark.parametrize("namespace", ["", " xmlns='urn:x'"])
def test_first_letter_and_namespace_do_not_matter(name: str, namespace: str) -> None:
    assert read(f"<{name}{namespace}>7</{name}>").some_number == 7


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "<someNumber/><flag/><at/><DNIS/><leg/><legs/><words/>",
        "<someNumber> </someNumber><flag> </flag><at>\n</at><DNIS> </DNIS>",
        "<leg> </leg><legs> </legs><words> </words>",
        "<legs><Leg/></legs><words><w/><w> </w></words>",
    ],
)
def test_missing_empty_and_blank_mean_the_same(inner: str) -> None:
    assert read(inner) == Thing()


@pytest.mark.parametrize(
    ("inner", "extra"),
    [
        ("<someNumber>seven</someNumber>", {"someNumber": "seven"}),
        ("<someNumber>7.5</someNumber>", {"someNumber": "7.5"}),
        ("<flag>perhaps</flag>", {"flag": "perhaps"}),
        ("<at>yesterday</at>", {"at": "yesterday"}),
        ("<at>9999999999999999999</at>", {"at": "9999999999999999999"}),
        ("<DNIS><deep>8</deep></DNIS>", {"dNIS": {"deep": "8"}}),
        ("<leg>text</leg>", {"leg": "text"}),
        ("<legs>/finesse/api/Legs</legs>", {"legs": "/finesse/api/Legs"}),
        ("<words>one</words>", {"words": "one"}),
        ("<new>1</new>", {"new": "1"}),
        ("<New/>", {"new": None}),
        ("<new><a>1</a></new>", {"new": {"a": "1"}}),
        ("<new>1</new><New>2</New><new>3</new>", {"new": ["1", "2", "3"]}),
    ],
)
def test_what_does_not_fit_is_kept_aside_and_fails_nothing(inner: str, extra: dict[str, object]) -> None:
    thing = read(f"{inner}<leg><state>READY</state></leg>") if "<leg>" not in inner else read(inner)

    assert thing.extra == extra
    assert thing.some_number is None


@pytest.mark.parametrize(
    ("text", "state"),
    [("READY", AgentState.READY), (" not_ready ", AgentState.NOT_READY), ("ON_THE_MOON", "ON_THE_MOON")],
)
def test_an_open_enumeration_knows_its_members_and_takes_others(text: str, state: str) -> None:
    leg = Leg.from_element(parse(f"<l><state>{text}</state></l>"))

    assert leg.state == state
    assert isinstance(leg.state, AgentState) is (state in list(AgentState))
    assert Leg.model_validate(leg.model_dump()) == leg


def test_the_last_of_two_equal_elements_wins() -> None:
    assert read("<someNumber>1</someNumber><someNumber>2</someNumber>").some_number == 2


def test_models_are_frozen() -> None:
    with pytest.raises(ValidationError):
        read("").flag = True  # type: ignore[misc]


def test_the_dump_is_in_snake_case_and_leaves_an_empty_extra_out() -> None:
    assert read("<someNumber>7</someNumber>").model_dump(exclude_none=True, by_alias=True) == {
        "some_number": 7,
        "legs": [],
        "words": [],
    }
    assert read("<new>1</new>").model_dump(exclude_defaults=True) == {"extra": {"new": "1"}}


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_schema_is_in_snake_case_open_and_lean(mode: str) -> None:
    schema = Thing.model_json_schema(mode=mode)  # type: ignore[arg-type]

    assert set(schema["properties"]) == {
        "some_number",
        "flag",
        "at",
        "odd_name",
        "leg",
        "legs",
        "words",
        "extra",
    }
    assert "description" not in schema
    assert "title" not in schema["properties"]["flag"]
    assert schema["$defs"]["Leg"]["properties"]["state"]["anyOf"] == [{"type": "string"}, {"type": "null"}]


def test_a_collection_is_a_list_whatever_its_size() -> None:
    one = "<Leg><state>READY</state></Leg>"

    assert [len(read_list(parse(f"<Legs>{one * count}</Legs>"), Leg)) for count in (0, 1, 3)] == [0, 1, 3]
    assert read_list(parse("<Legs><Leg/></Legs>"), Leg) == []


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2030-05-01T09:12:40.615Z", datetime(2030, 5, 1, 9, 12, 40, 615000, UTC)),
        ("2030-05-01T09:12:40Z", datetime(2030, 5, 1, 9, 12, 40, tzinfo=UTC)),
        ("2030-05-01T09:12", datetime(2030, 5, 1, 9, 12, tzinfo=UTC)),
        ("2030-05-01T11:12:40+02:00", datetime(2030, 5, 1, 9, 12, 40, tzinfo=UTC)),
        ("1903857160", datetime.fromtimestamp(1903857160, UTC)),
        ("1903857159870", datetime.fromtimestamp(1903857159.870, UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
    ],
)
def test_times_are_aware_and_in_utc(text: str, time: datetime | None) -> None:
    read = read_time(text)

    assert read == time
    assert read is None or read.tzinfo is UTC


@pytest.mark.parametrize(
    ("uri", "last"),
    [("/finesse/api/Dialog/33", "33"), ("/finesse/api/Team/3/", "3"), ("/", None), ("", None), (None, None)],
)
def test_an_id_is_the_last_segment_of_its_uri(uri: str | None, last: str | None) -> None:
    assert id_from_uri(uri) == last


def test_what_is_as_it_was_in_the_last_notification_is_the_same_object() -> None:
    once, again, other = (
        read(f"<leg><state>{state}</state></leg>") for state in ("READY", "READY", "LOGOUT")
    )

    assert once.leg is again.leg
    assert other.leg == Leg(state=AgentState.LOGOUT)
