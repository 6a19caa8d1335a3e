"""Initial configuration objects: a layout, a workflow, and the codes, reasons and phone books of the ``World``."""

from __future__ import annotations

from lxml import etree

from mcp_finesse.simulator.configuration.fields import Parts, take
from mcp_finesse.simulator.configuration.kinds import MEDIA_PROPERTIES_LAYOUT, WORKFLOW, WORKFLOW_ACTION, Kind
from mcp_finesse.simulator.world.phone_books import Contact, PhoneBook
from mcp_finesse.simulator.world.world import ReasonCode, WrapUpReason
from mcp_finesse.simulator.xml_text import element

DEFAULT_LAYOUT_ID = "1"
_LAYOUT = """
<MediaPropertiesLayout><name>Default Layout</name><description>Shown for every call</description><type>DEFAULT</type>
<header><entry><displayName>Customer</displayName><mediaProperty>callVariable1</mediaProperty>
<showInPopOver>true</showInPopOver><uiEditable>false</uiEditable></entry></header>
<column><entry><displayName>Order</displayName><mediaProperty>user.orderId</mediaProperty>
<showInPopOver>true</showInPopOver><uiEditable>true</uiEditable></entry></column><column/></MediaPropertiesLayout>
"""
_ACTION = """
<WorkflowAction><name>Customer record</name><type>BROWSER_POP</type><handledBy>FINESSE_DESKTOP</handledBy><params>
<Param><name>path</name><value>https://crm.example.com/?id=${callVariable1}</value></Param></params><actionVariables>
<ActionVariable><name>callVariable1</name><type>SYSTEM</type><testValue>42</testValue></ActionVariable>
</actionVariables></WorkflowAction>
"""
_WORKFLOW = """
<Workflow><name>Show the customer</name><media>1</media><TriggerSet><type>SYSTEM</type><name>CALL_ARRIVES</name>
<allowOverlappingCallWorkflow>false</allowOverlappingCallWorkflow></TriggerSet><ConditionSet>
<applyMethod>ALL</applyMethod><conditions/></ConditionSet><workflowActions><WorkflowAction>
<uri>/finesse/api/WorkflowAction/1</uri></WorkflowAction></workflowActions></Workflow>
"""


def reason_code_parts(code: ReasonCode) -> Parts:
    """Return the fields of a reason code."""
    return _texts(category=code.category, code=str(code.code), label=code.label, forAll=_for_all(code.teams))


def wrap_up_reason_parts(reason: WrapUpReason) -> Parts:
    """Return the fields of a wrap-up reason."""
    return _texts(label=reason.label, forAll=_for_all(reason.teams))


def phone_book_parts(book: PhoneBook) -> Parts:
    """Return the fields of a phone book, without its contacts."""
    return _texts(name=book.name, type="TEAM" if book.team_id else "GLOBAL")


def contact_parts(contact: Contact) -> Parts:
    """Return the fields of a contact."""
    return _texts(
        firstName=contact.first_name,
        lastName=contact.last_name,
        phoneNumber=contact.phone_number,
        description=contact.description,
    )


def default_layout_parts() -> Parts:
    """Return the fields of the default layout of call variables."""
    return _parts(MEDIA_PROPERTIES_LAYOUT, _LAYOUT)


def workflow_parts() -> Parts:
    """Return the fields of a sample workflow."""
    return _parts(WORKFLOW, _WORKFLOW)


def workflow_action_parts() -> Parts:
    """Return the fields of the action of the sample workflow."""
    return _parts(WORKFLOW_ACTION, _ACTION)


def _for_all(teams: frozenset[str] | None) -> str:
    return "true" if teams is None else "false"


def _texts(**values: str) -> Parts:
    return {name: [element(name, value)] for name, value in values.items()}


def _parts(kind: Kind, text: str) -> Parts:
    return take(kind.fields, etree.fromstring(text.strip()))
