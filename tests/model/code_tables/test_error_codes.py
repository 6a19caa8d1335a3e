"""The catalogue: complete, unambiguous where it can be, and with something to do for each code."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import ApiErrorDetail
from mcp_finesse.model import Platform, advice_for, explain, media_meaning_of, similar
from mcp_finesse.model.code_tables.error_codes import CATALOGUE
from mcp_finesse.model.code_tables.meaning import CodeMeaning

_CTI = [*range(20), *range(21, 30), *range(31, 39), *range(41, 45), 51, 52, *range(61, 65), *range(70, 80)]
_AGENT = [*range(256, 294), *range(1001, 1017), 20700, 20999, 13145, 4023]
_CCX = [0, *range(88001, 88018), 88049]
_MEDIA = [1, 2, 3, 6, 9, 11, 14, 18, 19, 20, 21, 22, 27, 30, 32, 33, 34, 36, 37, 38, 41, 6030]
_UCCE_REASONS = [-1, 255, 999, 20001, 20002, 20003, 32762, 32767, *range(50001, 50007), 50010, 50020, 50030]
_UCCE_REASONS += [50040, 50041, 50042, 51004, 65533, 65534, 65535]
_UCCX_REASONS = [-1, 22, 33, 255, 32740, 32741, 32742, *range(32745, 32766), 32767]
_REASONS = [*_UCCE_REASONS, *_UCCX_REASONS]
_TYPES = """Authentication Failure|Authorization Failure|Unauthorized|Bad Request|Call Operation Failure
Call Variable is protected|Database constraint violation|Device Busy|Dialog Not Found|Finesse API Error
Forbidden|Generic Error|In Use|Internal Server Error|Invalid Authorization
Invalid Authorization User Specified
Invalid Destination|Invalid Device|Invalid Input|Invalid State|Invalid Supervisor|Maximum Exceeded
Method Not Allowed|Mode Not Allowed|Not Found|Not Implemented|Operation Failure|Parameter Missing
Service Unavailable|System Resource Limit Exceeded|User Not Found|Agent is not logged in
Agent already logged into MRD|Agent already in requested mode|TeamId Not Found|Range Not Satisfiable
finesse.api.team.team_assignment_invalid_team""".replace("\n", "|").split("|")


@pytest.mark.parametrize(
    ("family", "codes"),
    [
        ("cti", _CTI + _AGENT),
        ("ccx", _CCX),
        ("media", _MEDIA),
        ("reason", _REASONS),
        ("http", [*_TYPES, 207, 301, 400, 401, 403, 404, 405, 416, 500, 501, 503]),
    ],
)
def test_every_documented_code_is_explained(family: str, codes: list[int | str]) -> None:
    missing = [code for code in codes if family not in {meaning.family for meaning in explain(code)}]

    assert missing == []


@pytest.mark.parametrize("meaning", CATALOGUE, ids=lambda meaning: f"{meaning.family}-{meaning.code}")
def test_every_row_says_what_it_means_and_what_to_do(meaning: CodeMeaning) -> None:
    for text in (meaning.meaning, meaning.likely_cause, meaning.what_to_do):
        assert text[0].isupper()
        assert text.endswith(".")
    assert len(meaning.what_to_do) <= 160
    assert meaning in explain(meaning.code)
    assert not meaning.constant or meaning in explain(meaning.constant)


def test_codes_that_only_one_source_reports_name_it() -> None:
    unconfirmed = {meaning.code for meaning in CATALOGUE if meaning.unconfirmed}
    assert unconfirmed == {"32740", "32745", "32748"}
    assert all("Reported by" in m.unconfirmed and "not confirmed" in m.unconfirmed for m in explain(32748))


def test_no_code_occurs_twice_in_a_family_of_one_platform() -> None:
    keys = [(meaning.family, meaning.code, meaning.platform) for meaning in CATALOGUE]

    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("platform", "codes"), [(Platform.UCCE, _UCCE_REASONS), (Platform.UCCX, _UCCX_REASONS)]
)
def test_every_system_reason_code_of_a_platform_is_explained_for_it(
    platform: Platform, codes: list[int]
) -> None:
    of_platform = {"", platform}
    wrong = [
        code
        for code in codes
        if [m.platform in of_platform for m in explain(code, platform) if m.family == "reason"] != [True]
    ]

    assert wrong == []


def test_the_platform_decides_between_two_meanings_of_a_reason_code() -> None:
    assert [m.label for m in explain(32767, Platform.UCCE)] == ["Call Not Answered"]
    assert [m.constant for m in explain(32767, Platform.UCCX)] == ["AGT_RELOGON"]
    assert len(explain(32767)) == 2
    assert [m.platform for m in explain(50002, Platform.UCCX)] == ["UCCE"]  # better than no answer


@pytest.mark.parametrize(
    ("label", "codes"),
    [
        ("Call Not Answered", ["32767"]),
        ("Not Ready - Call Not Answered", ["32767"]),
        ("Logged Out - System Failure", ["50002"]),
        ("Not Ready - Connection Failure", ["255", "50002"]),
        ("Supervisor Initiated", ["999", "33", "22"]),
        ("not ready - supervisor initiated", ["999", "33", "22"]),
        ("Logout - System Initiated Relogin", ["32740"]),
        ("Outbound - Agent Reserved", ["32747"]),
    ],
)
def test_labels_that_finesse_shows_are_found(label: str, codes: list[str]) -> None:
    assert [meaning.code for meaning in explain(label)] == codes


def test_a_number_of_several_families_gives_all_meanings() -> None:
    assert [meaning.family for meaning in explain(33)] == ["cti", "media", "reason"]
    assert explain("33") == explain(" 033 ") == explain(33)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CF_RESOURCE_BUSY", "33"),
        ("cf_resource_busy", "33"),
        ("INVALID_DIALOG_ID: 152201_88_1", "6030"),
        ("invalid_state", "Invalid State"),
        ("SERVER_OUT_OF_SERVICE", "Service Unavailable"),
        ("  Device Busy ", "Device Busy"),
    ],
)
def test_names_are_found_however_they_are_written(text: str, code: str) -> None:
    assert [meaning.code for meaning in explain(text)] == [code]


@pytest.mark.parametrize("unknown", ["", " ", ":", "no such thing", 424242, "-7", "__"])
def test_what_is_not_known_has_no_meaning(unknown: str | int) -> None:
    assert explain(unknown) == []


def advice_of(code: str | int, family: str) -> str:
    (meaning,) = (meaning for meaning in explain(code) if meaning.family == family)
    return meaning.what_to_do


@pytest.mark.parametrize(
    ("detail", "advice"),
    [
        (ApiErrorDetail("Invalid State", "CF_RESOURCE_BUSY", "33"), advice_of(33, "cti")),
        (ApiErrorDetail("Invalid State", "something new", "265"), advice_of(265, "cti")),
        (ApiErrorDetail("Generic Error", "", "20999"), advice_of(20999, "cti")),
        (ApiErrorDetail("20700", "CONFERENCE"), advice_of(20700, "cti")),
        (ApiErrorDetail("Generic Error", "CCX_UNHEARD_OF", "88005"), advice_of(88005, "ccx")),
        (ApiErrorDetail("Generic Error", "", "0"), advice_of("Generic Error", "http")),
        (ApiErrorDetail("anything", "", "6", "5001"), advice_of(6, "media")),
        (ApiErrorDetail("anything", "E_ARM_UNHEARD_OF", "36"), advice_of(36, "media")),
        (
            ApiErrorDetail("Parameter Missing", "State missing", "state"),
            advice_of("Parameter Missing", "http"),
        ),
        (
            ApiErrorDetail("Authorization Failure", "UNAUTHORIZED", "1001"),
            advice_of("Authorization Failure", "http"),
        ),
        (ApiErrorDetail("User Not Found", "UNKNOWN_USER", "4023"), advice_of(4023, "cti")),
        (ApiErrorDetail("Unheard Of"), ""),
    ],
)
def test_advice_comes_from_the_most_exact_meaning(detail: ApiErrorDetail, advice: str) -> None:
    assert advice_for([detail]) == advice


def test_the_text_of_the_peripheral_replaces_our_advice() -> None:
    detail = ApiErrorDetail(
        "Generic Error", "CF_GENERIC_OPERATION", "1", peripheral_text="No call to answer."
    )

    assert advice_for([detail]) == ""


def test_advice_for_several_errors_says_each_thing_once() -> None:
    state, busy = ApiErrorDetail("Invalid State"), ApiErrorDetail("Device Busy")

    assert advice_for([state, busy, state]) == f"{advice_for([state])} {advice_for([busy])}"
    assert advice_for([]) == ""


@pytest.mark.parametrize(
    ("detail", "meaning"),
    [
        (
            ApiErrorDetail("Generic Error", "E_ARM_STAT_AGENT_NOT_LOGGED_IN", "6", "5001"),
            "The agent is not signed in to this media routing domain.",
        ),
        (ApiErrorDetail("Generic Error", "", "18", "5001"), "The task is not known."),
        (
            ApiErrorDetail("Generic Error", "INVALID_DIALOG_ID: 1_2_3", "6030", "5001"),
            "The task no longer exists.",
        ),
        (
            ApiErrorDetail("Agent already in requested mode", "", "", "5001"),
            "The agent is already routable, or not routable, as requested.",
        ),
        (ApiErrorDetail("Generic Error", "CF_RESOURCE_BUSY", "33"), ""),
        (ApiErrorDetail("Never Heard Of", "E_ARM_STAT_NEW", "4711", "5001"), ""),
    ],
)
def test_only_errors_of_media_are_put_in_sentences(detail: ApiErrorDetail, meaning: str) -> None:
    assert media_meaning_of([detail, detail]) == meaning


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("CF_RESOURCE_BUS", "33"),
        ("invalid stat", "Invalid State"),
        ("2099", "20999"),
        ("device busy agent phone", "88005"),
        ("Account locked", "289"),
    ],
)
def test_a_text_that_is_no_code_finds_what_may_be_meant(text: str, first: str) -> None:
    found = similar(text)
    assert first in [meaning.code for meaning in found[:2]]


@pytest.mark.parametrize("text", ["xyzzy", "", "77777777", "?" * 5000, "of it"])
def test_nothing_is_similar_to_nonsense(text: str) -> None:
    assert similar(text) == []


def test_similar_codes_are_bounded_and_none_comes_twice() -> None:
    found = similar("invalid", 3)
    assert len(found) == 3
    assert len(set(map(id, found))) == 3
