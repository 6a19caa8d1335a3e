"""Each kind of configuration object: what is read of it, and what is refused of it as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_finesse.model import build, parse, read_list
from mcp_finesse.model.admin import (
    ChatConfig,
    CloudConnectConfig,
    ClusterConfig,
    ConfigInfo,
    Contact,
    Content,
    EccVariable,
    EnterpriseDatabaseConfig,
    LayoutConfigContent,
    MediaPropertiesLayout,
    MediaPropertiesLayoutContent,
    SystemConfig,
    SystemConfigContent,
    TeamLayoutConfig,
    TeamLayoutConfigContent,
    Workflow,
    WorkflowAction,
    WorkflowActionContent,
    WorkflowContent,
    find_problems,
)

LAYOUT = (
    "<MediaPropertiesLayout><uri>/finesse/api/MediaPropertiesLayout/3</uri><name>Retail</name><type>CUSTOM</type>"
    "<header><entry><displayName>Customer</displayName><mediaProperty>callVariable1</mediaProperty>"
    "<showInPopOver>true</showInPopOver><uiEditable>false</uiEditable></entry></header>"
    "<column>{left}</column><column>{right}</column><since>12</since></MediaPropertiesLayout>"
)
ENTRY = "<entry><displayName>Account</displayName><mediaProperty>user.acct</mediaProperty></entry>"


def entry(**more: Any) -> dict[str, Any]:
    return {"media_property": "callVariable1", **more}


def problems(kind: type[Content], **values: Any) -> list[str]:
    return [message for message, _ in find_problems(kind.model_validate(values))]


def test_columns_of_a_layout_are_left_and_right() -> None:
    layout = MediaPropertiesLayout.from_element(parse(LAYOUT.format(left=ENTRY, right=ENTRY * 2)))
    assert (layout.id, layout.name) == (3, "Retail")
    assert layout.header is not None
    assert (layout.header.display_name, layout.header.show_in_pop_over) == ("Customer", True)
    assert [len(column or ()) for column in (layout.left_column, layout.right_column)] == [1, 2]
    assert layout.extra == {"since": "12"}


def test_an_empty_left_column_stays_the_left_one() -> None:
    layout = MediaPropertiesLayout.from_element(parse(LAYOUT.format(left="", right=ENTRY)))
    assert (layout.left_column, len(layout.right_column or ())) == ([], 1)
    assert layout.extra == {"since": "12"}


def test_a_layout_without_header_and_columns_is_read() -> None:
    layout = MediaPropertiesLayout.from_element(parse("<x><name>y</name><header/></x>"))
    assert (layout.header, layout.left_column, layout.right_column) == (None, None, None)


def test_a_layout_is_written_as_it_is_read() -> None:
    text = LAYOUT.format(left=ENTRY, right="").replace("<since>12</since>", "")
    layout = MediaPropertiesLayout.from_element(parse(text))
    content = MediaPropertiesLayoutContent.model_validate(
        layout.model_dump(exclude_unset=True, exclude={"id", "uri"})
    )
    written = build("MediaPropertiesLayout", content.to_wire()).decode()
    uri = "<uri>/finesse/api/MediaPropertiesLayout/3</uri>"
    assert written == text.replace(uri, "").replace("<column></column>", "<column/>")


def test_one_column_is_written_with_an_empty_second_one() -> None:
    content = MediaPropertiesLayoutContent.model_validate({"left_column": [entry()]})
    assert build("L", content.to_wire()) == (
        b"<L><column><entry><mediaProperty>callVariable1</mediaProperty></entry></column><column/></L>"
    )
    assert MediaPropertiesLayoutContent(name="x").to_wire() == {"name": "x"}


def test_the_limits_of_a_layout() -> None:
    kind = MediaPropertiesLayoutContent
    popping = entry(show_in_pop_over=True)
    assert problems(kind, header=popping, left_column=[popping] * 4, right_column=[entry()] * 10) == []
    assert problems(kind, left_column=[popping] * 3, right_column=[popping] * 3) == [
        "show_in_pop_over is set for 6 entries; the limit is 5."
    ]
    assert problems(kind, left_column=[entry()] * 11) == ["left_column has 11 entries; the limit is 10."]
    assert "without left_column" in problems(kind, right_column=[entry()])[0]
    assert problems(kind, header={"display_name": "x"}) == ["header: media_property is missing."]
    assert problems(kind, left_column=[entry(display_name="x" * 51)]) == [
        "left_column[0].display_name has 51 characters; the limit is 50."
    ]


FINE_LAYOUT = '<finesseLayout xmlns="http://www.cisco.com/vtg/finesse"><layout/></finesseLayout>'


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ("", "cannot be a layout"),
        ("<finesseLayout>", "cannot be a layout"),
        ("<!DOCTYPE x><finesseLayout/>", "document type"),
        ("<layout/>", "is a <layout>, not a <finesseLayout>"),
    ],
)
def test_a_desktop_layout_is_xml_with_its_own_root(layout: str, words: str) -> None:
    assert words in problems(LayoutConfigContent, layoutxml=layout)[0]
    assert words in problems(TeamLayoutConfigContent, use_default=False, layoutxml=layout)[0]
    assert problems(LayoutConfigContent, layoutxml=FINE_LAYOUT) == []


def test_a_team_has_the_default_layout_or_one_of_its_own() -> None:
    assert problems(TeamLayoutConfigContent, use_default=True) == []
    assert "would have no layout" in problems(TeamLayoutConfigContent, use_default=False)[0]
    read = TeamLayoutConfig.from_element(
        parse("<TeamLayoutConfig><useDefault>true</useDefault></TeamLayoutConfig>")
    )
    assert read.use_default is True


def test_cti_servers() -> None:
    config = SystemConfig.from_element(
        parse(
            "<SystemConfig><cti><host>a</host><port>42027</port><secure>false</secure></cti></SystemConfig>"
        )
    )
    assert config.cti is not None
    assert (config.cti.host, config.cti.port, config.cti.secure) == ("a", 42027, False)
    wrong = {"host": "a", "backup_host": "a", "port": 65536, "peripheral_id": 32768}
    assert problems(SystemConfigContent, cti=wrong) == [
        "cti.port is 65536; it must be 1 to 65535.",
        "cti.peripheral_id is 32768; it must be 1 to 32767.",
        "cti: host and backup_host are the same.",
    ]
    assert problems(SystemConfigContent, cti={"host": "a", "backup_host": ""}) == []


@pytest.mark.parametrize("kind", [EnterpriseDatabaseConfig, CloudConnectConfig])
def test_passwords_are_not_kept(kind: Any) -> None:
    config = kind.from_element(parse("<x><password>geheim</password><colour>red</colour></x>"))
    assert config.extra == {"colour": "red"}
    assert "geheim" not in repr(config)
    assert kind.from_element(parse("<x><userName>u</userName></x>")) is not None


def test_plain_objects_are_read() -> None:
    info = ConfigInfo.from_element(parse("<ConfigInfo><totalTeams>3</totalTeams></ConfigInfo>"))
    assert info.total_teams == 3
    variables = read_list(
        parse(
            "<ECCVariableConfig><ECCVariable><name>user.x</name><length>40</length></ECCVariable></ECCVariableConfig>"
        ),
        EccVariable,
    )
    assert [(each.name, each.length) for each in variables] == [("user.x", 40)]
    cluster = ClusterConfig.from_element(parse("<C><secondaryNode><host>fin-b</host></secondaryNode></C>"))
    assert cluster.secondary_node is not None
    assert cluster.secondary_node.host == "fin-b"
    assert (
        ChatConfig.from_element(parse("<C><primaryNode>https://c</primaryNode></C>")).primary_node
        == "https://c"
    )


@pytest.mark.parametrize(
    ("first", "last", "name"), [("Ina", "Moe", "Ina Moe"), ("Ina", None, "Ina"), (None, None, "")]
)
def test_a_name_is_what_there_is_of_it(first: str | None, last: str | None, name: str) -> None:
    assert Contact(first_name=first, last_name=last).name == name


WORKFLOW = (
    "<Workflow><name>Pop CRM</name><media>1</media><TriggerSet><type>SYSTEM</type><name>CALL_ARRIVES</name>"
    "<allowOverlappingCallWorkflow>false</allowOverlappingCallWorkflow></TriggerSet><ConditionSet>"
    "<applyMethod>ALL</applyMethod><conditions><Condition><Variable><name>queueName</name><type>SYSTEM</type>"
    "</Variable><comparator>IS_EQUAL</comparator><value>Sales</value></Condition></conditions></ConditionSet>"
    "<workflowActions><WorkflowAction>{more}<uri>/finesse/api/WorkflowAction/2</uri></WorkflowAction>"
    "</workflowActions></Workflow>"
)


def test_a_workflow_is_written_as_it_is_read_its_actions_by_uri_alone() -> None:
    workflow = Workflow.from_element(parse(WORKFLOW.format(more="<name>CRM</name><type>BROWSER_POP</type>")))
    assert workflow.condition_set is not None
    assert workflow.workflow_actions is not None
    assert workflow.workflow_actions[0].name == "CRM"
    content = WorkflowContent.model_validate(workflow.model_dump(exclude_unset=True))
    assert problems(WorkflowContent, **content.model_dump(exclude_unset=True)) == []
    assert build("Workflow", content.to_wire()).decode() == WORKFLOW.format(more="")


def test_the_limits_of_a_workflow() -> None:
    assert problems(
        WorkflowContent, name="x" * 41, condition_set={"conditions": [{}] * 6}, workflow_actions=[{}] * 6
    ) == [
        "name has 41 characters; the limit is 40.",
        "condition_set.conditions has 6 entries; the limit is 5.",
        "workflow_actions has 6 entries; the limit is 5.",
    ]


ACTION = (
    "<WorkflowAction><name>CRM pop</name><type>BROWSER_POP</type><handledBy>FINESSE_DESKTOP</handledBy><params>"
    "<Param><name>path</name><value>https://crm.example.com/?id=${callVariable1}</value></Param></params>"
    "<actionVariables><ActionVariable><name>callVariable1</name><type>SYSTEM</type><testValue>42</testValue>"
    "</ActionVariable></actionVariables></WorkflowAction>"
)


def test_an_action_is_written_as_it_is_read() -> None:
    action = WorkflowAction.from_element(parse(ACTION))
    content = WorkflowActionContent.model_validate(action.model_dump(exclude_unset=True))
    assert build("WorkflowAction", content.to_wire()).decode() == ACTION


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ([], "params has no path."),
        ([{"name": "path", "value": " "}], "params has no path."),
        ([{"name": "path", "value": "x"}] * 2, "params contains a parameter twice."),
        (
            [{"name": "path", "value": "x"}, {"name": "body", "value": "y" * 2001}],
            "The parameter body has 2001 characters; the limit is 2000.",
        ),
        (
            [{"name": "path", "value": "x"}, {"name": "contentType", "value": "y" * 501}],
            "The parameter contentType has 501 characters; the limit is 500.",
        ),
    ],
)
def test_parameters_of_an_action(params: list[dict[str, str]], words: str) -> None:
    assert problems(WorkflowActionContent, params=params) == [words]
    assert problems(WorkflowActionContent, name="x") == []
