"""Workflows as agents read them: what starts them, what must hold, what they do."""

from __future__ import annotations

from mcp_finesse.model import parse
from mcp_finesse.model.admin import Workflow, WorkflowAction, WorkflowInFull

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


def test_a_workflow_is_read_with_its_actions() -> None:
    workflow = WorkflowInFull.from_element(parse(_WORKFLOW))

    assert workflow == WorkflowInFull.model_validate(
        {
            "id": 4,
            "uri": "/finesse/api/Workflow/4",
            "name": "Pop CRM",
            "media": "1",
            "trigger_set": {
                "type": "SYSTEM",
                "name": "CALL_ARRIVES",
                "allow_overlapping_call_workflow": False,
                "triggers": [
                    {
                        "variable": {"name": "mediaType", "node": "//Dialog/mediaType", "type": "CUSTOM"},
                        "comparator": "IS_EQUAL",
                        "value": "Voice",
                    }
                ],
            },
            "condition_set": {
                "apply_method": "ALL",
                "conditions": [
                    {
                        "variable": {"name": "queueName", "type": "SYSTEM"},
                        "comparator": "IS_IN_LIST",
                        "value": "Sales",
                    }
                ],
            },
            "workflow_actions": [
                {
                    "id": 2,
                    "uri": "/finesse/api/WorkflowAction/2",
                    "name": "CRM pop",
                    "type": "BROWSER_POP",
                    "handled_by": "FINESSE_DESKTOP",
                    "params": [{"name": "path", "value": "https://crm.example.com/?id=${callVariable1}"}],
                    "action_variables": [{"name": "callVariable1", "type": "SYSTEM", "test_value": "42"}],
                }
            ],
        }
    )
    assert all(isinstance(each, WorkflowAction) for each in workflow.workflow_actions or ())


def test_both_ways_of_reading_a_workflow_differ_in_its_actions_alone() -> None:
    by_agent, by_administrator = (kind.from_element(parse(_WORKFLOW)) for kind in (WorkflowInFull, Workflow))

    actions = {"workflow_actions"}
    assert by_agent.model_dump(exclude=actions) == by_administrator.model_dump(exclude=actions)
    assert list(WorkflowInFull.model_fields) == list(Workflow.model_fields)


def test_no_conditions_mean_always() -> None:
    workflow = WorkflowInFull.from_element(
        parse("<workflow><ConditionSet><applyMethod>ANY</applyMethod><conditions/></ConditionSet></workflow>")
    )

    assert workflow.condition_set is not None
    assert (workflow.condition_set.apply_method, workflow.condition_set.conditions) == ("ANY", None)
    assert workflow.trigger_set is None
