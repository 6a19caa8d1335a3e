"""Actions refer to the operations they send; role and platforms follow from these."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from mcp_finesse.model import ACTION_RULES
from mcp_finesse.rest.api import dialogs
from mcp_finesse.rest.operation import Operation, ReportedBy, operations_of
from mcp_finesse.session import actions as package
from mcp_finesse.session.actions.action import Action, PreparedRequest, action
from mcp_finesse.session.actions.agent import change_state
from mcp_finesse.session.actions.completion import NeverReported
from mcp_finesse.session.actions.outbound import answer_preview
from mcp_finesse.session.actions.tasks import change_media_state, work_on_task
from mcp_finesse.session.actions.transfer import transfer_call

FOLDER = Path(str(package.__file__)).parent


def makers() -> Iterator[Callable[..., Any]]:
    """Every public function of the package that creates an action."""
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            own = inspect.isfunction(value) and value.__module__ == found.name and not name.startswith("_")
            if own and inspect.signature(value).return_annotation == "Action":
                yield value


MAKERS = list(makers())


def made_by(maker: Callable[..., Any]) -> Action:
    needed = [
        item
        for item in inspect.signature(maker).parameters.values()
        if item.default is inspect.Parameter.empty and item.kind is not inspect.Parameter.VAR_POSITIONAL
    ]
    return cast("Action", maker(*("x" for _ in needed)))


def test_actions_are_found() -> None:
    assert {"hold_call", "sign_in", "barge_call", "transfer_task", "send_team_message"} <= {
        maker.__name__ for maker in MAKERS
    }


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_every_action_declares_its_operations_and_strips_its_arguments(maker: Callable[..., Any]) -> None:
    operations = operations_of(maker)
    assert hasattr(maker, "__wrapped__"), f"{maker.__name__} lacks @action"
    made = made_by(maker)
    assert isinstance(made, Action)
    if len(operations) == 1:
        assert made.operation == operations[0]
    assert made.operation is None or made.operation in operations


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (transfer_call("1"), "Dialog: TRANSFER"),
        (transfer_call("1", "8800"), "Dialog: TRANSFER_SST"),
        (change_state("1001", "READY"), "User: change agent state"),
        (change_state("1001", "NOT_READY", 23), "User: change agent state with reason code"),
        (change_media_state("1001", "5001", "READY"), "Media: change agent state"),
        (change_media_state("1001", "5001", "NOT_READY", 23), "Media: change agent state with reason code"),
        *((answer_preview("1", word), f"Dialog: {word} a preview") for word in ("ACCEPT", "REJECT", "CLOSE")),
        *((work_on_task("1", word), f"Task: {word}") for word in ("START", "PAUSE", "RESUME", "WRAP_UP")),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_action_with_several_operations_names_the_one_it_sends(made: Action, name: str) -> None:
    assert made.operation is not None
    assert made.operation.name == name


def test_action_cannot_send_an_operation_it_does_not_declare() -> None:
    @action(dialogs.HOLD, dialogs.RETRIEVE)
    def lying(operation: Operation) -> Action:
        request = PreparedRequest(NeverReported("1"), lambda _rest, _id: None)  # type: ignore[arg-type,return-value]
        return Action("HOLD", "1", lambda _: request, operation=operation)

    assert lying(dialogs.HOLD).operation == dialogs.HOLD
    with pytest.raises(ValueError, match="does not declare 'Dialog: DROP'"):
        lying(dialogs.DROP)


def test_operations_that_nothing_reports_are_those_of_the_action_rules() -> None:
    declared = {f"Dialog: {name}": not rule.confirmed for name, rule in ACTION_RULES.items()}
    for maker in MAKERS:
        for operation in operations_of(maker):
            if operation.name in declared:
                assert (operation.reported_by is ReportedBy.NOTHING) is declared[operation.name]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_no_action_states_a_role_platform_or_path_of_its_own(path: Path) -> None:
    keywords = {
        keyword.arg
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Action"
        for keyword in node.keywords
    }
    assert not keywords & {"role", "roles", "platforms", "since", "path", "method"}
    assert "from mcp_finesse.rest.operation import Role" not in path.read_text()
