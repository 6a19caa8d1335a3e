"""Workflows: what starts them, what must hold, what they do."""

from __future__ import annotations

from mcp_finesse.model import (
    Comparison,
    ConditionSet,
    TriggerSet,
    Workflow,
    WorkflowAction,
    WorkflowParameter,
    WorkflowVariable,
    parse,
)

_WORKFLOW = """
<Workflow>
  <uri>/finesse/api/Workflow/4</uri><name>Pop CRM</name><description></description><media>1</media>
  <TriggerSet>
    <type>SYSTEM</type><name>CALL_ARRIVES</name><allowOverlappingCallWorkflow>false</allowOverlappingCallWorkflow>
    <triggers><Trigger><Variable><name>mediaType</name><node>//Dialog/mediaType</node><type>CUSTOM</type></Variable>
      <comparator>IS_EQUAL</comparator><value>Voice</value></Trigger></triggers>
  </TriggerSet>
  <ConditionSet>
    <applyMethod>ALL</applyMethod>
    <conditions><Condition><Variable><name>queueName</name><type>SYSTEM</type></Variable>
      <comparator>IS_IN_LIST</comparator><value>Sales</value></Condition></conditions>
  </ConditionSet>
  <workflowActions>
    <WorkflowAction><name>CRM pop</name><type>BROWSER_POP</type><uri>/finesse/api/WorkflowAction/2</uri>
      <handledBy>FINESSE_DESKTOP</handledBy>
      <params><Param><name>path</name><value>https://crm.example.com/?id=${callVariable1}</value></Param></params>
      <actionVariables><ActionVariable><name>callVariable1</name><type>SYSTEM</type><testValue>42</testValue>
      </ActionVariable></actionVariables></WorkflowAction>
  </workflowActions>
</Workflow>
"""


def test_a_workflow_is_read() -> None:
    assert Workflow.from_element(parse(_WORKFLOW)) == Workflow(
        id="4",
        uri="/finesse/api/Workflow/4",
        name="Pop CRM",
        media="1",
        trigger_set=TriggerSet(
            type="SYSTEM",
            name="CALL_ARRIVES",
            allow_overlapping_call_workflow=False,
            triggers=[
                Comparison(
                    variable=WorkflowVariable(name="mediaType", node="//Dialog/mediaType", type="CUSTOM"),
                    comparator="IS_EQUAL",
                    value="Voice",
                )
            ],
        ),
        condition_set=ConditionSet(
            apply_method="ALL",
            conditions=[
                Comparison(
                    variable=WorkflowVariable(name="queueName", type="SYSTEM"),
                    comparator="IS_IN_LIST",
                    value="Sales",
                )
            ],
        ),
        actions=[
            WorkflowAction(
                id="2",
                uri="/finesse/api/WorkflowAction/2",
                name="CRM pop",
                type="BROWSER_POP",
                handled_by="FINESSE_DESKTOP",
                params=[WorkflowParameter(name="path", value="https://crm.example.com/?id=${callVariable1}")],
                action_variables=[WorkflowVariable(name="callVariable1", type="SYSTEM", test_value="42")],
            )
        ],
    )


def test_no_conditions_mean_always() -> None:
    got = Workflow.from_element(
        parse("<workflow><ConditionSet><applyMethod>ANY</applyMethod><conditions/></ConditionSet></workflow>")
    )

    assert got.condition_set == ConditionSet(apply_method="ANY")
    assert got.trigger_set is None
