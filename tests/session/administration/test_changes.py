"""Outcomes of configuration changes on a Finesse that does or does not execute them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from mcp_finesse.errors import (
    InvalidRequestError,
    NetworkError,
    NotFoundError,
    NotReadyError,
    OutOfServiceError,
    ReadOnlyError,
)
from mcp_finesse.model.admin import Contact, ContactContent
from mcp_finesse.session import Clock, OutcomeStatus
from mcp_finesse.session.administration import changes
from mcp_finesse.session.administration.change_runner import (
    ChangeStatus,
    ConfigurationChange,
    Node,
    ReadBack,
    run_change,
)
from tests.session.support_admin import TIMING, office

TEA = {"category": "NOT_READY", "code": 77, "label": "Tea", "for_all": False}
LAYOUT = '<finesseLayout xmlns="http://www.cisco.com/vtg/finesse"><layout><role>Agent</role></layout></finesseLayout>'
GARBLED = "<html><body>A proxy was here</body></html>"


async def test_created_object_is_read_back_by_its_new_id(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        outcome = await it.administration.change(changes.create("ReasonCode", TEA))
        listed = await it.administration.list_objects("ReasonCode")
    assert (outcome.status, outcome.differences) == (OutcomeStatus.CONFIRMED, ())
    assert (outcome.object.label, str(outcome.object.id)) == ("Tea", outcome.object_id)
    assert "Tea" in [getattr(each, "label", "") for each in listed]
    assert outcome.request_id


async def test_change_rejected_by_finesse_is_failed_with_its_error_and_advice(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        await it.administration.change(changes.create("ReasonCode", TEA))
        outcome = await it.administration.change(changes.create("ReasonCode", TEA))
    assert outcome.status is OutcomeStatus.FAILED
    assert outcome.errors[0].type == "Finesse API Error"
    assert "Duplicate" in outcome.errors[0].message
    assert "List the objects" in outcome.advice


async def test_change_reports_old_values_and_its_repeat_is_not_sent(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        changed = await it.administration.change(changes.change("ReasonCode", "23", {"label": "Dinner"}))
        again = await it.administration.change(changes.change("ReasonCode", "23", {"label": "Dinner"}))
        assert it.sent() == ["PUT ReasonCode/23"]
    assert (changed.status, changed.was) == (OutcomeStatus.CONFIRMED, {"label": "Lunch"})
    assert changed.object.label == "Dinner"
    assert (again.status, again.was, again.request_id) == (OutcomeStatus.UNCHANGED, None, "")


async def test_delete_is_confirmed_with_the_deleted_object(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        outcome = await it.administration.change(changes.delete("ReasonCode", "23"))
        with pytest.raises(NotFoundError):
            await it.administration.get_object("ReasonCode", "23")
    assert (outcome.status, outcome.object, outcome.was.label) == (OutcomeStatus.CONFIRMED, None, "Lunch")


@pytest.mark.parametrize(
    "change",
    [changes.delete("ReasonCode", "999"), changes.change("ReasonCode", "999", {"label": "x"})],
    ids=["delete", "change"],
)
async def test_change_of_missing_object_raises_before_anything_is_sent(tmp_path: Path, change: Any) -> None:
    async with office(tmp_path) as it:
        with pytest.raises(NotFoundError) as caught:
            await it.administration.change(change)
        assert not it.sent()
    assert "List the objects" in caught.value.advice


# -- the response is lost: the object is read, the change is never repeated


@pytest.mark.parametrize(
    "lose",
    [
        lambda faults, method: faults.no_answer(1, method=method),
        lambda faults, method: faults.http_status(200, GARBLED, method=method, carry_out=True),
        lambda faults, method: faults.http_status(503, GARBLED, method=method, carry_out=True),
        lambda faults, method: faults.http_status(500, "", method=method, carry_out=True),
        lambda faults, method: faults.http_status(408, GARBLED, method=method, carry_out=True),
    ],
    ids=["no answer", "a page of a proxy", "a 503 of a proxy", "an empty 500", "a 408 of a proxy"],
)
@pytest.mark.parametrize(
    ("method", "change"),
    [
        ("POST", changes.create("ReasonCode", TEA)),
        ("PUT", changes.change("ReasonCode", "23", {"label": "Dinner"})),
        ("DELETE", changes.delete("ReasonCode", "23")),
        ("PUT", changes.change_team_layout("310", {"use_default": False, "layoutxml": LAYOUT})),
        ("POST", changes.import_contacts("1", [ContactContent(phone_number="1")])),
    ],
    ids=["create", "change", "delete", "layout", "import"],
)
async def test_executed_change_with_lost_response_is_confirmed_by_reading(
    tmp_path: Path, method: str, change: Any, lose: Any
) -> None:
    async with office(tmp_path) as it:
        await it.administration.teams()
        lose(it.simulator.faults, method)
        outcome = await it.administration.change(change)
        assert len(it.sent()) == 1
    assert outcome.status is OutcomeStatus.CONFIRMED, outcome


@pytest.mark.parametrize(
    ("method", "change"),
    [
        ("POST", changes.create("ReasonCode", TEA)),
        ("POST", changes.create("Contact", {"phone_number": "5"}, "1")),
        ("PUT", changes.change("ReasonCode", "23", {"label": "Dinner"})),
        ("DELETE", changes.delete("ReasonCode", "23")),
        ("PUT", changes.assign("310", "PhoneBook", [])),
    ],
    ids=["create", "contact", "change", "delete", "assign"],
)
@pytest.mark.parametrize(("status", "body"), [(504, GARBLED), (500, ""), (408, "")])
async def test_unexecuted_change_with_lost_response_is_unknown_and_not_repeated(
    tmp_path: Path, method: str, change: Any, status: int, body: str
) -> None:
    async with office(tmp_path) as it:
        await it.administration.teams()
        it.simulator.faults.http_status(status, body, method=method)
        outcome = await it.administration.change(change)
        assert len(it.sent()) == 1
    assert outcome.status is OutcomeStatus.UNKNOWN, outcome
    assert "Read the object before" in outcome.advice


@pytest.mark.parametrize("created", [True, False])
@pytest.mark.parametrize("status", [200, 500])
async def test_existing_identical_contact_is_not_mistaken_for_the_new_one(
    tmp_path: Path, created: bool, status: int
) -> None:
    async with office(tmp_path) as it:
        first = await it.administration.change(changes.create("Contact", {"phone_number": "5"}, "1"))
        it.simulator.faults.http_status(status, "", method="POST", carry_out=created)
        outcome = await it.administration.change(changes.create("Contact", {"phone_number": "5"}, "1"))
    assert outcome.status is (OutcomeStatus.CONFIRMED if created else OutcomeStatus.UNKNOWN)
    if created:
        assert outcome.object_id != first.object_id
    else:
        assert f"Similar objects that existed before: {first.object_id}." in outcome.message


async def test_successful_change_that_cannot_be_read_back_is_unknown(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        await it.administration.teams()
        it.simulator.faults.http_status(500, "", n=9, method="GET", path="ReasonCode/")
        outcome = await it.administration.change(changes.create("ReasonCode", TEA))
    assert outcome.status is OutcomeStatus.UNKNOWN
    assert "Finesse accepted the change" in outcome.message
    assert outcome.advice


async def test_created_object_without_id_in_the_response_is_found_in_the_list(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        await it.administration.teams()
        it.simulator.faults.http_status(200, "", method="POST", carry_out=True)
        outcome = await it.administration.change(changes.create("PhoneBook", {"name": "New", "type": "TEAM"}))
    assert (outcome.status, outcome.object.name) == (OutcomeStatus.CONFIRMED, "New")


@pytest.mark.parametrize(
    "change",
    [changes.create("PhoneBook", {"name": "New", "type": "TEAM"}), changes.delete("ReasonCode", "23")],
    ids=["create", "delete"],
)
async def test_change_accepted_without_effect_is_unknown(tmp_path: Path, change: Any) -> None:
    async with office(tmp_path) as it:
        await it.administration.teams()
        it.simulator.faults.http_status(200, "", method=("POST" if "create" in change.action else "DELETE"))
        outcome = await it.administration.change(change)
    assert outcome.status is OutcomeStatus.UNKNOWN
    assert "the object read back does not show it" in outcome.message


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        (changes.change("ReasonCode", "23", {"label": "Dinner", "for_all": False}), "label, for_all"),
        (changes.assign("310", "PhoneBook", []), "ids"),
        (changes.change_team_layout("310", {"use_default": False, "layoutxml": LAYOUT}), "layoutxml"),
        (changes.import_contacts("1", [ContactContent(phone_number="1")]), "contact"),
    ],
    ids=["change", "assign", "layout", "import"],
)
async def test_change_answered_2xx_without_effect_is_unknown_and_names_the_fields(
    tmp_path: Path, change: Any, fields: str
) -> None:
    async with office(tmp_path) as it:
        await it.administration.teams()
        for method in ("PUT", "POST"):
            it.simulator.faults.http_status(200, "", method=method)
        outcome = await it.administration.change(change)
    assert outcome.status is OutcomeStatus.UNKNOWN
    for name in fields.split(", "):
        assert name in outcome.message.partition("still has the old values of ")[2]


async def test_field_that_kept_its_old_value_is_reported_as_a_difference(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        await it.administration.teams()
        it.simulator.faults.http_status(200, "", method="PUT")
        outcome = await it.administration.change(changes.change("ReasonCode", "23", {"label": "Dinner"}))
    assert outcome.status is OutcomeStatus.UNKNOWN
    (difference,) = outcome.differences
    assert (difference.field, difference.asked, difference.got) == ("label", "Dinner", "Lunch")


# -- rejected before sending, or never sent


async def test_change_without_a_connection_says_that_it_was_not_sent() -> None:
    async def hang(_node: Any, _request_id: str) -> str | None:
        await asyncio.Event().wait()
        return None

    async def look(_node: Any, _new_id: str | None, _was: ReadBack | None) -> ReadBack:
        return ReadBack(ChangeStatus.IN_EFFECT)

    timing = replace(TIMING, action=0.1, event=0.01)
    with pytest.raises(NotReadyError, match=r"The change \(change x\) was not sent"):
        await run_change(ConfigurationChange("change x", hang, look), cast("Node", None), timing, Clock())


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: changes.create("ReasonCode", {"label": "Tea"}), "requires category, code, for_all"),
        (lambda: changes.create("ReasonCode", {**TEA, "label": "T" * 41}), "41 characters; the limit is 40"),
        (lambda: changes.create("ReasonCode", {**TEA, "colour": "red"}), "colour"),
        (lambda: changes.create("ConfigInfo", {}), "cannot create"),
        (lambda: changes.change("ReasonCode", "23", {"category": "LOGOUT"}), "cannot be changed"),
        (lambda: changes.change("ReasonCode", "23", {}), "The ReasonCode already has these values"),
        (lambda: changes.change("ReasonCode", "x", {"label": "a"}), "not a database id"),
        (lambda: changes.delete("MediaPropertiesLayout", "default"), "cannot be deleted"),
        (lambda: changes.change_team_layout("310", {"layoutxml": LAYOUT}), "use_default is missing"),
        (lambda: changes.change_team_layout("310", {"use_default": False}), "layoutxml is missing"),
        (lambda: changes.import_contacts("1", []), "no contacts to import"),
        (lambda: changes.import_contacts("1", [ContactContent(first_name="A")]), "phone_number is missing"),
    ],
)
def test_invalid_change_is_rejected_before_any_request(make: Any, said: str) -> None:
    with pytest.raises(InvalidRequestError, match=said):
        make()


async def test_change_rejected_as_out_of_service_raises(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        await it.administration.teams()
        it.simulator.faults.out_of_service()
        with pytest.raises(OutOfServiceError):
            await it.administration.change(changes.create("ReasonCode", TEA))


async def test_change_without_a_server_raises_network_error(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        await it.simulator.stop()
        with pytest.raises(NetworkError):
            await it.administration.change(changes.create("ReasonCode", TEA))


async def test_read_only_allows_reads_and_rejects_changes(tmp_path: Path) -> None:
    async with office(tmp_path, read_only=True) as it:
        with pytest.raises(ReadOnlyError):
            await it.administration.change(changes.create("ReasonCode", TEA))
        assert await it.administration.list_objects("ReasonCode")
        assert not it.sent()


async def test_object_type_or_value_not_supported_by_uccx_is_rejected(tmp_path: Path) -> None:
    async with office(tmp_path, "UCCX") as it:
        with pytest.raises(InvalidRequestError, match="does not exist on UCCX"):
            await it.administration.get_object("SystemConfig")
        with pytest.raises(InvalidRequestError, match="must be 1 to 999"):
            await it.administration.change(changes.create("ReasonCode", {**TEA, "code": 1000}))
        assert not it.sent()


# -- teams and phone books


async def test_order_of_assigned_workflows_is_significant(tmp_path: Path) -> None:
    flow = {"name": "Second", "trigger_set": {"type": "SYSTEM", "name": "CALL_ARRIVES"}}
    async with office(tmp_path) as it:
        new = await it.administration.change(changes.create("Workflow", flow))
        ids = [str(new.object_id), "1"]
        outcome = await it.administration.change(changes.assign("310", "Workflow", ids))
        again = await it.administration.change(changes.assign("310", "Workflow", ids))
        turned = await it.administration.change(changes.assign("310", "Workflow", ids[::-1]))
    assert [outcome.status, again.status, turned.status] == ["confirmed", "unchanged", "confirmed"]
    assert [str(each.id) for each in turned.object] == ids[::-1]


async def test_order_of_assigned_wrap_up_reasons_is_not_significant(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        ids = []
        for name in ("A", "B"):
            made = await it.administration.change(
                changes.create("WrapUpReason", {"label": name, "for_all": False})
            )
            ids.append(str(made.object_id))
        first = await it.administration.change(changes.assign("310", "WrapUpReason", ids))
        second = await it.administration.change(changes.assign("310", "WrapUpReason", ids[::-1]))
    assert [first.status, second.status] == ["confirmed", "unchanged"]


async def test_team_layout_is_set_and_reset_to_the_default(tmp_path: Path) -> None:
    own = changes.change_team_layout("310", {"use_default": False, "layoutxml": LAYOUT})
    default = changes.change_team_layout("310", {"use_default": True, "layoutxml": LAYOUT})
    async with office(tmp_path) as it:
        statuses = [(await it.administration.change(each)).status for each in (own, own, default, default)]
        assert (await it.administration.team_layout("310")).use_default is True
    assert statuses == ["confirmed", "unchanged", "confirmed", "unchanged"]


async def test_imported_contacts_replace_the_existing_ones(tmp_path: Path) -> None:
    people = [ContactContent(first_name="Ina", phone_number="1"), ContactContent(phone_number="2")]
    async with office(tmp_path) as it:
        outcome = await it.administration.change(changes.import_contacts("1", people))
        again = await it.administration.change(changes.import_contacts("1", people[::-1]))
        there: list[Contact] = await it.administration.contacts("1")
    assert [outcome.status, again.status] == ["confirmed", "unchanged"]
    assert [each.phone_number for each in there] == ["1", "2"]


async def test_contacts_missing_after_import_are_reported(tmp_path: Path) -> None:
    people = [ContactContent(first_name="Ina", phone_number="1")]
    async with office(tmp_path) as it:
        await it.administration.change(changes.import_contacts("1", people))
        it.simulator.faults.http_status(202, "", method="POST")
        two = [*people, ContactContent(phone_number="2")]
        outcome = await it.administration.change(changes.import_contacts("1", two))
        assert it.sent("GET").count("GET PhoneBook/1/Contacts/csvFileContent") == 5  # twice after the last
    assert outcome.status is OutcomeStatus.UNKNOWN
    assert [(each.asked, each.got) for each in outcome.differences] == [(", , 2, ", "")]


async def test_change_that_needs_a_tomcat_restart_carries_a_caution(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        single = await it.administration.change(
            changes.change("SystemConfig", None, {"cti": {"port": 42028}})
        )
        book = await it.administration.change(changes.change("PhoneBook", "1", {"name": "All"}))
    assert "when Finesse Tomcat restarts" in single.caution
    assert single.was == {"cti": {**single.was["cti"], "port": 42027}}
    assert book.caution == ""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("<ApiErrors><ApiError><ErrorType>Finesse API Error</ErrorType></ApiError></ApiErrors>", "confirmed"),
        ("<ApiErrors><ApiError><ErrorType>Bad Request</ErrorType></ApiError></ApiErrors>", "unknown"),
    ],
)
async def test_deleted_object_may_be_reported_as_api_error_instead_of_404(
    tmp_path: Path, body: str, status: str
) -> None:
    async with office(tmp_path) as it:
        change = changes.delete("ReasonCode", "23")

        async def send_and_hide(node: Any, request_id: str) -> None:
            await change.send(node, request_id)
            it.simulator.faults.http_status(400, body, path="ReasonCode/23")

        outcome = await it.administration.change(replace(change, send=send_and_hide))
    assert outcome.status == status


async def test_change_that_gets_no_response_in_time_is_read_back(tmp_path: Path) -> None:
    async with office(tmp_path, timing=TIMING.scaled(0.2)) as it:
        await it.administration.teams()
        change = changes.change("ReasonCode", "23", {"label": "Dinner"})

        async def send_and_wait(node: Any, request_id: str) -> None:
            await change.send(node, request_id)
            await asyncio.Event().wait()

        outcome = await it.administration.change(replace(change, send=send_and_wait))
    assert outcome.status is OutcomeStatus.CONFIRMED
    assert "no response arrived in time" in outcome.message
