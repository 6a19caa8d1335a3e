"""Tool selection: the tools of a server are chosen at its start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.server import Selection, build_server
from mcp_finesse.server.app import instructions
from mcp_finesse.server.toolsets.selection import ALL, TOOLSETS
from tests.server.snapshot import FOLDER, pinned, tools
from tests.server.support import ScriptedSession, connected, signed_in

CORE = list(TOOLSETS["core"].names)
AGENT = list(TOOLSETS["agent"].names)
EVERY = list(dict.fromkeys(name for toolset in TOOLSETS.values() for name in toolset.names))
IN_TWO = {"get_team", "drop_participant"}


def names(selection: Selection) -> list[str]:
    return [entry.name for entry in selection.entries()]


@pytest.mark.parametrize(
    ("toolsets", "added", "excluded", "expected"),
    [
        (["agent"], [], [], CORE + AGENT),
        ([], [], [], CORE),
        (["core"], [], [], CORE),
        (["Agent", " CORE "], [], [], CORE + AGENT),
        (["all"], [], [], EVERY),
        (["all", "agent"], [], [], EVERY),
        (["core"], ["hold_call", "sign_in"], [], [*CORE, "sign_in", "hold_call"]),
        (["core"], ["hold-call"], [], [*CORE, "hold_call"]),
        (["agent"], ["hold_call", "get_user"], [], CORE + AGENT),
        (["agent"], [], ["make_call"], [name for name in CORE + AGENT if name != "make_call"]),
        (["core"], ["make_call"], ["make_call"], CORE),
        (["core"], [], ["get_user", "explain_error"], CORE[:1] + CORE[2:-1]),
        (["core"], [], CORE, []),
    ],
)
def test_toolsets_and_single_tools_add_up_and_exclude_wins(
    toolsets: Sequence[str], added: Sequence[str], excluded: Sequence[str], expected: list[str]
) -> None:
    assert names(Selection(toolsets, added, excluded)) == expected


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (
            Selection(["agnet"]),
            "There is no toolset 'agnet'. Did you mean agent? The toolsets are: core, agent",
        ),
        (Selection(["zzz"]), "There is no toolset 'zzz'. The toolsets are: core, agent"),
        (
            Selection(tools=["hold"]),
            "There is no tool 'hold'. Did you mean hold_call? The tools are: get_ses",
        ),
        (Selection(exclude=["all"]), "There is no tool 'all'."),
        (Selection(tools=["agent"]), "There is no tool 'agent'."),
        (Selection(["x" * 90]), f"There is no toolset '{'x' * 40}'."),
    ],
)
def test_error_for_unknown_name_lists_the_known_names(selection: Selection, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        build_server(ScriptedSession().as_session(), selection=selection)
    assert str(caught.value).startswith(said)


async def test_server_lists_only_the_selected_tools(era: str) -> None:
    async with connected(signed_in(), era, selection=Selection([], ["hold_call"], ["get_user"])) as client:
        listed = [tool.name for tool in (await client.list_tools()).tools]
    assert listed == [name for name in CORE if name != "get_user"] + ["hold_call"]


async def test_every_toolset_is_pinned(era: str) -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(TOOLSETS)
    async with connected(signed_in(), era, selection=Selection([ALL])) as client:
        assert await tools(client) == pinned(*TOOLSETS)


def test_only_tools_a_site_may_allow_to_agents_are_in_two_toolsets() -> None:
    counted = Counter(name for toolset in TOOLSETS.values() for name in toolset.names)
    assert {name for name, times in counted.items() if times > 1} == IN_TWO
    assert set(TOOLSETS["agent"].names) & set(TOOLSETS["supervisor"].names) == IN_TWO


def test_no_tool_has_the_name_of_a_toolset() -> None:
    assert not set(EVERY) & {*TOOLSETS, ALL}
    for name, toolset in TOOLSETS.items():
        assert toolset.name == name
        assert toolset.tools
        assert toolset.description


@pytest.mark.parametrize("chosen", [[], ["agent"], [ALL]])
def test_instructions_list_the_disabled_toolsets_in_one_line(chosen: list[str]) -> None:
    selection = Selection(chosen)
    disabled_toolsets = [toolset.name for toolset in selection.disabled_toolsets()]
    assert disabled_toolsets == [
        name for name in TOOLSETS if name not in ("core", *chosen) and chosen != [ALL]
    ]
    text = instructions(selection)
    assert [name for name in disabled_toolsets if f"{name} (" in text.splitlines()[-1]] == disabled_toolsets
    assert ("--toolsets" in text) is bool(disabled_toolsets)
    assert len(text.encode()) < 2_000
