"""What typing costs: from the bytes of a document to its model, beside lxml's bare parse of the same bytes."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from lxml import etree

from mcp_finesse.model import Dialog, Team, WireModel, parse
from tests.benchmarks.support import Figure, judge

pytestmark = pytest.mark.benchmark

LOOPS = 5


def dialog() -> bytes:
    """A routed call of two parties with all ten call variables, about 2 KB, every element that Finesse sends."""
    times = "<startTime>2027-01-01T00:00:00.000Z</startTime><stateChangeTime>2027-01-01T00:00:09.000Z</stateChangeTime>"
    variables = "".join(
        f"<CallVariable><name>callVariable{i}</name><value>value {i}</value></CallVariable>"
        for i in range(1, 11)
    )
    actions = "".join(
        f"<action>{name}</action>"
        for name in ("HOLD", "DROP", "UPDATE_CALL_DATA", "CONSULT_CALL", "TRANSFER_SST", "SEND_DTMF")
    )
    return (
        "<Dialog><associatedDialogUri></associatedDialogUri><fromAddress>3125550142</fromAddress>"
        "<id>33100421</id><mediaProperties><mediaId>1</mediaId><DNIS>8800</DNIS><callType>ACD_IN</callType>"
        "<dialedNumber>8800</dialedNumber><outboundClassification></outboundClassification>"
        "<queueNumber>77</queueNumber><queueName>North.Sales</queueName><callKeyCallId>217</callKeyCallId>"
        "<callKeySequenceNum>1</callKeySequenceNum><callKeyPrefix>152018</callKeyPrefix>"
        f"<callvariables>{variables}</callvariables></mediaProperties><mediaType>Voice</mediaType><participants>"
        "<Participant><actions></actions><mediaAddress>3125550142</mediaAddress><mediaAddressType>"
        f"</mediaAddressType><state>ACTIVE</state><stateCause></stateCause>{times}</Participant>"
        f"<Participant><actions>{actions}</actions><mediaAddress>4501</mediaAddress><mediaAddressType>AGENT_DEVICE"
        f"</mediaAddressType><state>ACTIVE</state><stateCause></stateCause>{times}</Participant></participants>"
        "<state>ACTIVE</state><toAddress>8800</toAddress><uri>/finesse/api/Dialog/33100421</uri></Dialog>"
    ).encode()


def team() -> bytes:
    """A team of 500 agents, each with a reason, as Finesse sums its members up."""
    users = "".join(
        f"<User><uri>/finesse/api/User/{agent}</uri><loginId>{agent}</loginId><firstName>Ana{agent}</firstName>"
        f"<lastName>Ruiz</lastName><dialogs>/finesse/api/User/{agent}/Dialogs</dialogs>"
        f"<extension>4{agent}</extension><pendingState></pendingState><state>NOT_READY</state><reasonCode>"
        "<category>NOT_READY</category><code>41</code><label>Lunch</label><id>23</id>"
        "<uri>/finesse/api/ReasonCode/23</uri></reasonCode>"
        "<stateChangeTime>2030-05-01T09:12:40.615Z</stateChangeTime></User>"
        for agent in range(8000, 8500)
    )
    return f"<Team><uri>/finesse/api/Team/310</uri><id>310</id><name>N</name><users>{users}</users></Team>".encode()


@pytest.mark.parametrize(
    ("name", "document", "model", "limit", "times"),
    [
        ("Typing a dialog of 2 KB", dialog(), Dialog, 6.0, 200),
        ("Typing a team of 500 agents", team(), Team, 8.0, 2),
    ],
)
async def test_a_typed_model_costs_a_few_times_the_bare_parse(
    name: str, document: bytes, model: type[WireModel], limit: float, times: int
) -> None:
    figure = Figure(name, limit=limit, unit="us")

    async def run() -> tuple[float, float]:
        ours = least(lambda: model.from_element(parse(document)), times)
        return ours, least(lambda: etree.fromstring(document), times)

    await judge(figure, run)


def test_what_is_measured_is_what_finesse_sends() -> None:
    call, members = Dialog.from_element(parse(dialog())), Team.from_element(parse(team())).users

    assert 2000 <= len(dialog()) <= 2300
    assert len(call.participants[1].actions) == 6
    assert call.media_properties is not None
    assert len(call.media_properties.call_variables) == 10
    assert (len(members), len({user.id for user in members})) == (500, 500)
    assert not any(user.extra for user in members)


def least(work: Callable[[], object], times: int) -> float:
    """Microseconds of CPU for the work done once: the least of a few loops, which the machine disturbed least."""
    spent = []
    for _ in range(LOOPS):
        start = time.process_time()
        for _ in range(times):
            work()
        spent.append((time.process_time() - start) * 1e6 / times)
    return min(spent)
