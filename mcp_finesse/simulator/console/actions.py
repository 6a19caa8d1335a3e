"""The actions of the person at the console: act for customers and agents, and inject faults."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from mcp_finesse.simulator.console.journal import Journal
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.requests.requests import Job
from mcp_finesse.simulator.scripted_agent import ScriptedAgent
from mcp_finesse.simulator.server import Simulator

MAX_TEXT = 210
MAX_VARIABLES = 20
MAX_COUNT = 100
MAX_SECONDS = 60.0
MAX_CALLS = 200

AGENT_ACTIONS = (
    "ANSWER",
    "HOLD",
    "RETRIEVE",
    "DROP",
    "CONSULT_CALL",
    "TRANSFER",
    "CONFERENCE",
    "TRANSFER_SST",
)
CALL_ACTIONS = (*AGENT_ACTIONS, "SEND_DTMF", "ACCEPT", "REJECT", "CLOSE", "BARGE_CALL")
STATUSES = {str(status): status for status in (400, 401, 404, 500, 503)}
EVENT_FAULTS = ("lose", "duplicate", "swap", "malformed")


class ActionError(Exception):
    """The action was not carried out. The text is for the person.

    Attributes:
        status: the HTTP status of the response.
    """

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class Fields:
    """The fields of an action. Every method raises ``ActionError`` for a missing or invalid field."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def text(self, name: str, default: str | None = None) -> str:
        """Return a line of text."""
        value = self._fields.get(name, default)
        if value is None or (value == "" and default is None):
            raise ActionError(f"The field {name} is missing.")
        if not isinstance(value, str) or len(value) > MAX_TEXT or not _is_line(value):
            raise ActionError(f"The field {name} must be one line of at most {MAX_TEXT} characters.")
        return value

    def choice(self, name: str, choices: Sequence[str], default: str | None = None) -> str:
        """Return one of the given values."""
        value = self.text(name, default)
        if value not in choices:
            raise ActionError(f"The field {name} must be one of {', '.join(choices)}.")
        return value

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self._fields.get(name)
        if not isinstance(value, bool):
            raise ActionError(f"The field {name} must be true or false.")
        return value

    def count(self, name: str) -> int:
        """Return a number of times. The default is 1."""
        value = self._fields.get(name, 1)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_COUNT:
            raise ActionError(f"The field {name} must be a whole number from 1 to {MAX_COUNT}.")
        return value

    def seconds(self, name: str) -> float:
        """Return a duration."""
        value = self._fields.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= MAX_SECONDS:
            raise ActionError(f"The field {name} must be a number of seconds from 0 to {MAX_SECONDS:.0f}.")
        return value

    def variables(self) -> dict[str, str]:
        """Return call variables by name."""
        found = self._fields.get("variables", {})
        if not isinstance(found, dict) or len(found) > MAX_VARIABLES:
            raise ActionError(f"There can be at most {MAX_VARIABLES} variables.")
        for name, value in found.items():
            if not (isinstance(value, str) and 0 < len(name) <= MAX_TEXT and len(value) <= MAX_TEXT):
                raise ActionError(f"Names and values of variables have at most {MAX_TEXT} characters.")
            if not (_is_line(name) and _is_line(value)):
                raise ActionError("Names and values of variables must be one line.")
        return found


def _is_line(text: str) -> bool:
    """Return whether text consists of characters that XML allows, without line breaks."""
    return not any(
        char < " " or "\ud800" <= char <= "\udfff" or char in "\x7f\x85\u2028\u2029\ufffe\uffff"
        for char in text
    )


class OperatorRequests:
    """Passes requests of agents to the contact center with a request id, so that the journal correlates them.

    Implements ``RequestHandlers``.

    Args:
        center: the contact center.
        request_id: the request id of all requests.
    """

    def __init__(self, center: ContactCenter, request_id: str) -> None:
        self._center = center
        self._request_id = request_id
        self.users = center.users
        self.calls = center.calls
        self.supervision = center.supervision
        self.task_requests = center.task_requests

    def carry_out(self, job: Job) -> None:
        """Queue a validated job."""
        self._center.carry_out(job, self._request_id)


Result = dict[str, Any]
Action = Callable[[Fields], Result | Awaitable[Result]]


class Actions:
    """The actions by name. Each has the effect of the simulator's method that it calls.

    Args:
        simulators: the nodes of one contact center.
        journal: the journal, in which every action is noted.
    """

    def __init__(self, simulators: Sequence[Simulator], journal: Journal) -> None:
        self._nodes = {simulator.settings.domain: simulator for simulator in simulators}
        self._center = simulators[0].center
        self._journal = journal
        self._ids = count(1)
        self._changing_node = asyncio.Lock()
        self._by_name: dict[str, Action] = {
            "customer/call": self._customer_calls,
            "customer/answer": self._customer_answers,
            "customer/hang-up": self._customer_hangs_up,
            "customer/press": self._customer_presses,
            "customer/campaign": self._campaign_contact,
            "customer/task": self._customer_writes,
            "customer/leave": self._customer_leaves,
            "agent/sign-in": self._agent_signs_in,
            "agent/state": self._agent_changes_state,
            "agent/call": self._agent_calls,
            "agent/act": self._agent_acts,
            "agent/monitor": self._agent_monitors,
            "agent/media": self._agent_changes_media,
            "agent/task": self._agent_acts_on_task,
            "fault/stream": self._fault_of_stream,
            "fault/node": self._fault_of_node,
            "fault/cti": self._fault_of_cti,
            "fault/events": self._fault_of_events,
            "fault/delays": self._delays,
            "fault/request-ids": self._lose_request_ids,
            "fault/fail-next": self._fail_next,
            "fault/http-status": self._http_status,
            "fault/clear": self._clear_faults,
        }

    async def perform(self, name: str, fields: Mapping[str, Any]) -> Result:
        """Perform an action.

        Raises:
            ActionError: the action does not exist, a field is invalid, or the simulator rejected the action.
        """
        action = self._by_name.get(name)
        if action is None:
            raise ActionError("There is no such action.", 404)
        try:
            result = action(Fields(fields))
            return result if isinstance(result, dict) else await result
        except ApiProblem as problem:
            details = problem.details
            text = " ".join(filter(None, (details.type, details.message)))
            raise ActionError(f"Finesse rejected the request: {text}.", 409) from problem
        except KeyError as error:
            raise ActionError("That call, agent or medium does not exist any more.", 409) from error
        except (LookupError, ValueError, RuntimeError) as error:
            raise ActionError(f"Not possible: {error}.", 409) from error
        except OSError as error:
            raise ActionError(f"Not possible: {error.strerror}.", 409) from error

    def _note(self, title: str, kind: str = "person", lane: str = "cti", **more: Any) -> None:
        self._journal.add(kind, lane, lane, title, **more)

    # Customers

    def _customer_calls(self, fields: Fields) -> Result:
        to, number, variables = fields.text("to"), fields.text("number"), fields.variables()
        if len(self._center.state.calls) >= MAX_CALLS:
            raise ActionError(f"There are {MAX_CALLS} calls. End some of them first.", 409)
        self._note(f"Customer {number} calls {to}")
        dialog_id = self._center.customers.call(to, number, variables)
        if dialog_id not in self._center.state.calls:
            raise ActionError(f"The call to {to} failed: the number is busy or cannot be reached.", 409)
        return {"call": dialog_id}

    def _customer_answers(self, fields: Fields) -> Result:
        call = fields.text("call")
        self._center.customers.answer(call)
        self._note(f"Customer answers {call}")
        return {}

    def _customer_hangs_up(self, fields: Fields) -> Result:
        call = fields.text("call")
        self._center.customers.hang_up(call)
        self._note(f"Customer hangs up {call}")
        return {}

    def _customer_presses(self, fields: Fields) -> Result:
        call, digits = fields.text("call"), fields.text("digits")
        self._center.customers.press(call, digits)
        self._note(f"Customer presses {digits} on {call}")
        return {}

    def _campaign_contact(self, fields: Fields) -> Result:
        campaign, agent, number = fields.text("campaign"), fields.text("agent"), fields.text("number")
        name = fields.text("name", "")
        self._note(f"Campaign {campaign} offers {number} to agent {agent}")
        return {"contact": self._center.customers.offer_record(campaign, agent, number, name=name)}

    def _customer_writes(self, fields: Fields) -> Result:
        media, variables = fields.text("media"), fields.variables()
        if len(self._center.tasks.tasks) >= MAX_CALLS:
            raise ActionError(f"There are {MAX_CALLS} tasks. End some of them first.", 409)
        task = self._center.customers.send_task(media, variables)
        self._note(f"Customer starts task {task.number} in {task.domain.name}")
        return {"task": str(task.number)}

    def _customer_leaves(self, fields: Fields) -> Result:
        number = fields.text("task")
        task = next((task for task in self._center.tasks.tasks if str(task.number) == number), None)
        if task is None:
            raise ActionError("That task is closed already.", 409)
        self._center.customers.withdraw_task(task)
        self._note(f"Customer leaves task {number}")
        return {}

    # Agents

    def _agent(self, fields: Fields) -> tuple[ScriptedAgent, Result]:
        agent = self._center.state.agents[fields.text("agent")]
        request_id = f"console-{next(self._ids)}"
        return ScriptedAgent(OperatorRequests(self._center, request_id), agent), {"request_id": request_id}

    def _agent_signs_in(self, fields: Fields) -> Result:
        agent, result = self._agent(fields)
        agent.sign_in(fields.text("extension", ""))
        return result

    def _agent_changes_state(self, fields: Fields) -> Result:
        agent, result = self._agent(fields)
        state = fields.choice("state", ("READY", "NOT_READY", "LOGOUT"))
        agent.change_state(state, fields.text("reason", ""))
        return result

    def _agent_calls(self, fields: Fields) -> Result:
        agent, result = self._agent(fields)
        agent.make_call(fields.text("to"))
        return result

    def _agent_acts(self, fields: Fields) -> Result:
        agent, result = self._agent(fields)
        action, call = fields.choice("action", CALL_ACTIONS), fields.text("call")
        if action == "BARGE_CALL":
            agent.barge(call)
        else:
            agent.act(action, call, fields.text("to", ""), fields.text("digits", ""))
        return result

    def _agent_monitors(self, fields: Fields) -> Result:
        agent, result = self._agent(fields)
        agent.monitor(fields.text("extension"))
        return result

    def _agent_changes_media(self, fields: Fields) -> Result:
        agent, result = self._agent(fields)
        media = fields.text("media")
        state = fields.choice("state", ("LOGIN", "READY", "NOT_READY", "LOGOUT"))
        if state == "LOGIN":
            agent.sign_in_to_media(media)
        else:
            agent.change_media(media, state=state, reason_code_id=fields.text("reason", ""))
        return result

    def _agent_acts_on_task(self, fields: Fields) -> Result:
        agent, result = self._agent(fields)
        actions = ("ACCEPT", "START", "PAUSE", "RESUME", "WRAP_UP", "CLOSE", "TRANSFER")
        agent.act_on_task(fields.choice("action", actions), fields.text("task"), fields.text("to", ""))
        return result

    # Faults

    def _node(self, fields: Fields) -> Simulator:
        return self._nodes[fields.choice("node", [*self._nodes])]

    def _affected(self, fields: Fields) -> list[Simulator]:
        """Return the chosen node, or all nodes if no node is chosen."""
        return [self._node(fields)] if fields.text("node", "") else [*self._nodes.values()]

    def _affected_next(self, fields: Fields, number: int = 1) -> list[Simulator]:
        """Return the affected nodes, if each of them can wait for this number of further events or requests."""
        nodes = self._affected(fields)
        if any(len(node.faults.waiting) + number > MAX_COUNT for node in nodes):
            raise ActionError(f"At most {MAX_COUNT} faults can wait. Remove some of them first.", 409)
        return nodes

    def _note_fault(self, title: str, node: str = "", lane: str = "events") -> None:
        self._note(title, "fault", lane, node=node)

    def _fault_of_stream(self, fields: Fields) -> Result:
        agent, fault = fields.text("agent"), fields.choice("fault", ("drop", "freeze", "thaw"))
        sessions = [
            session
            for node in self._nodes.values()
            for session in node.notifications.sessions
            if session.user_id == agent
        ]
        if not sessions:
            raise ActionError(f"Agent {agent} has no connection to the Notification Service.", 409)
        for session in sessions:
            if fault == "drop":
                session.abort()
            else:
                session.frozen = fault == "freeze"
        done = {"drop": "dropped", "freeze": "frozen", "thaw": "works again"}[fault]
        self._journal.add("fault", "events", "client", f"Stream of agent {agent} {done}", agent=agent)
        return {}

    async def _fault_of_node(self, fields: Fields) -> Result:
        simulator, broken = self._node(fields), fields.flag("broken")
        part = fields.choice("part", ("node", "rest", "notifications", "cti"))
        domain = simulator.settings.domain
        if part == "node":
            async with self._changing_node:  # a second click must not open the ports twice
                await (simulator.die() if broken else simulator.come_back())
        elif part == "rest":
            (simulator.stop_tomcat if broken else simulator.start_tomcat)()
        elif part == "notifications":
            (simulator.stop_notification_service if broken else simulator.start_notification_service)()
        else:
            simulator.node.set_in_service(not broken)
        names = {
            "node": f"Node {domain}",
            "rest": f"REST of {domain}",
            "notifications": f"Notification Service of {domain}",
            "cti": f"CTI link of {domain}",
        }
        lane = {"rest": "rest", "cti": "cti"}.get(part, "events")
        self._note_fault(f"{names[part]} {'fails' if broken else 'works again'}", domain, lane)
        return {}

    def _fault_of_cti(self, fields: Fields) -> Result:
        state = fields.choice("state", ("connected", "lost", "silent"))
        if state == "silent":
            self._center.lose_cti_unnoticed()
        else:
            self._center.set_in_service(state == "connected")
        text = {"connected": "works again", "lost": "is lost", "silent": "is lost, not noticed yet"}[state]
        self._note_fault(f"CTI {text}", lane="cti")
        return {}

    def _fault_of_events(self, fields: Fields) -> Result:
        kind, number = fields.choice("kind", EVENT_FAULTS), fields.count("count")
        for simulator in self._affected_next(fields, number):
            faults = simulator.faults
            inject = {
                "lose": faults.lose_next_event,
                "duplicate": faults.duplicate_events,
                "swap": faults.swap_events,
                "malformed": faults.malformed_event,
            }[kind]
            inject(number)
        what = {"swap": "reorder", "malformed": "truncate"}.get(kind, kind)
        self._note_fault(f"Will {what} the next {number} event{'' if number == 1 else 's'}")
        return {}

    def _delays(self, fields: Fields) -> Result:
        events, responses, outcome = (fields.seconds(name) for name in ("events", "responses", "outcome"))
        for simulator in self._affected(fields):
            simulator.faults.delay_events(events)
            simulator.faults.delay_responses(responses)
        self._center.settings = replace(self._center.settings, delay=outcome)
        self._note_fault(f"Delays: events {events:g} s, responses {responses:g} s, outcomes {outcome:g} s")
        return {}

    def _lose_request_ids(self, fields: Fields) -> Result:
        lost = fields.flag("lost")
        for simulator in self._affected(fields):
            simulator.faults.drop_request_id = lost
        self._note_fault(f"Request ids are {'lost' if lost else 'kept'}")
        return {}

    def _fail_next(self, fields: Fields) -> Result:
        action, error_type = fields.text("action", "*"), fields.text("type")
        message, data = fields.text("message", ""), fields.text("data", "0")
        for simulator in self._affected_next(fields):
            simulator.faults.fail_next(action or "*", error_type, message, data)
        which = "action" if action in ("", "*") else action
        self._note_fault(f"Next {which} will fail: {error_type} {data}", lane="cti")
        return {}

    def _http_status(self, fields: Fields) -> Result:
        status = fields.choice("status", (*STATUSES, "page", "none"))
        for simulator in self._affected_next(fields):
            if status == "none":
                simulator.faults.no_answer()
            elif status == "page":
                simulator.faults.html_answer()
            else:
                simulator.faults.http_status(STATUSES[status])
        text = {"none": "no response", "page": "a web page"}.get(status, f"HTTP status {status}")
        self._note_fault(f"Next REST request gets {text}", lane="rest")
        return {}

    def _clear_faults(self, _fields: Fields) -> Result:
        for simulator in self._nodes.values():
            simulator.faults.clear()
            for session in simulator.notifications.sessions:
                session.frozen = False
        self._center.settings = replace(self._center.settings, delay=0.0)
        self._note_fault("All faults of events and requests are removed")
        return {}
