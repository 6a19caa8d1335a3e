"""The dialer of a campaign: one contact after another, to READY agents, and again if nobody took it."""

from __future__ import annotations

from collections import Counter

from tests.simulator.scenarios.support import VirtualRun

BEN = "scripted_agents: [{agents: [1002], answers: 2, talks: 10, wraps_up: 1}]\n"


def campaign(mode: str, contacts: str, **fields: object) -> str:
    more = "".join(f", {name}: {value}" for name, value in fields.items())
    return f"campaigns: [{{name: Renewals, mode: {mode}, agents: [1002], contacts: [{contacts}]{more}}}]\n"


def statuses(run: VirtualRun) -> list[str]:
    return [offer.status for offer in run.center.outbound.offers.values()]


async def test_every_mode_reaches_the_customers_who_answer() -> None:
    for mode in ("PREVIEW", "DIRECT_PREVIEW", "PROGRESSIVE", "PREDICTIVE"):
        contacts = (
            "{number: 2125550161}, {number: 2125550162, phone: busy}, {number: 2125550163, phone: rings}"
        )
        run = VirtualRun.of(BEN + campaign(mode, contacts, seconds_between=1))
        await run.until(400)
        assert statuses(run) == ["REACHED", "BUSY", "NO_ANSWER"], mode
        assert run.agent("1002").state == "READY", mode
        assert run.center.state.calls == {}, mode


async def test_contacts_are_offered_at_the_pace_of_the_campaign() -> None:
    contacts = "{number: 2125550161}, {number: 2125550162}"
    run = VirtualRun.of(BEN + campaign("PROGRESSIVE", contacts, start=60, seconds_between=120))
    await run.until(58)
    assert statuses(run) == []
    await run.until(62)
    assert len(statuses(run)) == 1
    await run.until(178)
    assert len(statuses(run)) == 1
    await run.until(182)
    assert len(statuses(run)) == 2


async def test_contact_is_offered_three_times_to_an_agent_who_does_not_take_it() -> None:
    run = VirtualRun.of(campaign("PREVIEW", "{number: 2125550161, callback: true}", preview_seconds=20))
    ben = run.center.colleague("1002")
    ben.sign_in()
    await run.until(1)
    ben.change_state("READY")
    await run.until(5)
    (call,) = run.center.state.calls.values()
    assert call.call_type == "OUTBOUND_CALLBACK_PREVIEW"
    await run.until(400)
    assert Counter(statuses(run)) == {"TIMED_OUT": 3}


async def test_contacts_wait_for_an_agent_who_is_ready() -> None:
    run = VirtualRun.of(campaign("PROGRESSIVE", "{number: 2125550161}"))
    await run.until(60)
    assert statuses(run) == []
