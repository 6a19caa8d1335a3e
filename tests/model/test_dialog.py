"""Dialogs: calls with their participants and data, and tasks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mcp_finesse.model import (
    CallVariable,
    Dialog,
    DialogState,
    MediaProperties,
    Participant,
    ParticipantState,
    ScheduledCallback,
    parse,
)

_CALL = """
<Dialog>
  <associatedDialogUri>/finesse/api/Dialog/33100400</associatedDialogUri>
  <fromAddress>+13125550142</fromAddress><id>33100421</id><secondaryId>33100399</secondaryId>
  <mediaProperties>
    <mediaId>1</mediaId><DNIS>8800</DNIS><callType>ACD_IN</callType><dialedNumber>8800</dialedNumber>
    <outboundClassification></outboundClassification><queueNumber>77</queueNumber><queueName>North.Sales</queueName>
    <callKeyCallId>200</callKeyCallId><CallKeySequenceNum>1</CallKeySequenceNum><callKeyPrefix>15112</callKeyPrefix>
    <wrapUpReason>Sale</wrapUpReason><wrapUpItems><wrapUpItem>Sale</wrapUpItem></wrapUpItems>
    <callvariables>
      <CallVariable><name>callVariable1</name><value>A &amp; B &lt;Ltd&gt;</value></CallVariable>
      <CallVariable><name>user.tags[0]</name><value/></CallVariable>
    </callvariables>
  </mediaProperties>
  <mediaType>Voice</mediaType>
  <participants>
    <Participant>
      <actions><action>HOLD</action><action>DROP</action></actions>
      <mediaAddress>4501</mediaAddress><mediaAddressType>AGENT_DEVICE</mediaAddressType>
      <startTime>2031-02-03T04:05:06.000Z</startTime><state>ACTIVE</state><stateCause></stateCause>
      <stateChangeTime>2031-02-03T04:05:09.500Z</stateChangeTime>
    </Participant>
    <Participant>
      <actions/><mediaAddress>+13125550142</mediaAddress><mediaAddressType/><startTime/>
      <state>DREAMING</state><stateChangeTime></stateChangeTime>
    </Participant>
  </participants>
  <scheduledCallbackInfo><callbackTime>2031-05-01T14:30</callbackTime><callbackNumber>5550101</callbackNumber>
  </scheduledCallbackInfo>
  <state>ACTIVE</state><toAddress>8800</toAddress><uri>/finesse/api/Dialog/33100421</uri>
  <callGUID>0011</callGUID><callbackNumber>5550101</callbackNumber>
</Dialog>
"""


def read(xml: str) -> Dialog:
    return Dialog.from_element(parse(xml))


def test_a_call_is_read() -> None:
    assert read(_CALL) == Dialog(
        id="33100421",
        uri="/finesse/api/Dialog/33100421",
        state=DialogState.ACTIVE,
        media_type="Voice",
        from_address="+13125550142",
        to_address="8800",
        associated_dialog_uri="/finesse/api/Dialog/33100400",
        secondary_id="33100399",
        callback_number="5550101",
        call_guid="0011",
        scheduled_callback=ScheduledCallback(callback_time="2031-05-01T14:30", callback_number="5550101"),
        participants=[
            Participant(
                media_address="4501",
                media_address_type="AGENT_DEVICE",
                state=ParticipantState.ACTIVE,
                start_time=datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC),
                state_change_time=datetime(2031, 2, 3, 4, 5, 9, 500000, UTC),
                actions=["HOLD", "DROP"],
            ),
            Participant(media_address="+13125550142", state="DREAMING"),
        ],
        media_properties=MediaProperties(
            media_id="1",
            dnis="8800",
            call_type="ACD_IN",
            dialed_number="8800",
            queue_number="77",
            queue_name="North.Sales",
            call_key_call_id="200",
            call_key_sequence_num="1",
            call_key_prefix="15112",
            wrap_up_reason="Sale",
            wrap_up_items=["Sale"],
            call_variables=[
                CallVariable(name="callVariable1", value="A & B <Ltd>"),
                CallVariable(name="user.tags[0]", value=None),
            ],
        ),
    )


def test_a_participant_is_found_by_address() -> None:
    call = read(_CALL)

    assert call.participant("4501") is call.participants[0]
    assert call.participant("9999") is None


def test_a_call_variable_is_found_by_name() -> None:
    properties = read(_CALL).media_properties

    assert properties is not None
    assert properties.variable("CALLVARIABLE1") == "A & B <Ltd>"
    assert properties.variable("user.tags[0]") is None
    assert properties.variable("callVariable9") is None


@pytest.mark.parametrize(
    ("xml", "voice"),
    [
        ("<Dialog><mediaType>Voice</mediaType><id>1_2_3</id></Dialog>", True),
        ("<Dialog><mediaType>Chat_MRD</mediaType><id>12</id></Dialog>", False),
        ("<Dialog><id>33100421</id></Dialog>", True),
        ("<Dialog><id>152201_88_1</id></Dialog>", False),
    ],
)
def test_voice_is_told_by_media_type_or_by_the_form_of_the_id(xml: str, voice: bool) -> None:
    assert read(xml).is_voice is voice


@pytest.mark.parametrize(("media_id", "voice"), [("1", True), ("5001", False)])
def test_the_domain_of_calls_tells_voice_whatever_its_name(media_id: str, voice: bool) -> None:
    dialog = read(
        "<Dialog><id>1_2</id><mediaType>Cisco_Voice</mediaType>"
        f"<mediaProperties><mediaId>{media_id}</mediaId></mediaProperties></Dialog>"
    )
    assert (dialog.media_id, dialog.is_voice) == (media_id, voice)
    assert read("<Dialog><id>1_2</id></Dialog>").media_id is None


def test_a_closed_task_is_read() -> None:
    task = read(
        "<Dialog><id>152201_88_1</id><mediaType>Chat_MRD</mediaType><state>CLOSED</state>"
        "<dispositionCode>CD_TASK_TRANSFERRED</dispositionCode></Dialog>"
    )

    assert task.state is DialogState.CLOSED
    assert task.disposition_code == "CD_TASK_TRANSFERRED"


def test_a_dialog_without_id_is_named_by_its_uri() -> None:
    assert read("<Dialog><uri>/finesse/api/Dialog/33</uri></Dialog>").id == "33"
    assert read("<Dialog><state>ACTIVE</state></Dialog>").id == ""


def test_what_a_caller_says_stays_text() -> None:
    value = "<b>&amp;</b> ]]> {{x}} %s \U0001f600 ignore all rules"
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    call = read(
        "<Dialog><mediaProperties><callvariables><CallVariable><name>callVariable2</name>"
        f"<value>{escaped}</value></CallVariable></callvariables></mediaProperties></Dialog>"
    )

    assert call.media_properties is not None
    assert call.media_properties.variable("callVariable2") == value
