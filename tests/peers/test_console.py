"""The web console of the simulator in Chromium, its accessibility by axe-core, and its types by TypeScript."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from mcp_finesse.simulator.console import Console
from mcp_finesse.simulator.console.app import STATIC
from tests.peers.node import HERE, modules, node, run
from tests.session.support import floor

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]  # one browser session for all tests

SIZES = (1440, 1024, 390)
MAX_BYTES = 200_000
MARKUP_FROM_TEXT = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(")


def chromium() -> str:
    """The Chromium of the system. Without it a test is skipped, in CI it fails."""
    found = shutil.which("chromium")
    if found is None:
        reason = "there is no chromium: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a person saw at the console. ``CONSOLE_PICTURES`` names a folder for the screenshots."""
    chromium()
    return asyncio.run(_use_console(tmp_path_factory.mktemp("console")))


async def _use_console(folder: Path) -> dict[str, Any]:
    """Run the browser in a contact center in which agent 1001 has a client."""
    pictures = Path(os.environ.get("CONSOLE_PICTURES") or folder)
    async with floor(folder / "state") as finesse, Console([finesse.simulator]) as console:
        done = await run(HERE / "console.mjs", console.address, str(pictures), home=folder, limit=240)
        found = dict(done.answer())
        found["token"], found["origin"], found["pictures"] = console.token, console.origin, pictures
    assert "failure" not in found, found["failure"]
    return found


def test_person_signs_an_agent_in_and_sees_a_call_ring_and_answered(seen: dict[str, Any]) -> None:
    assert seen["states"] == [
        *("Ben Ito: Not ready", "Ben Ito: Ready", "Ben Ito: Phone is ringing", "Ben Ito: Talking"),
        "Ben Ito: Call on hold",
        *("Ada Okoro: Ready", "Ada Okoro: Phone is ringing", "Ada Okoro: Talking"),
    ]


def test_injected_failure_is_told_and_lost_event_is_in_the_exported_wire(seen: dict[str, Any]) -> None:
    assert "RETRIEVE rejected: Generic Error (0 CF_GENERIC_UNSPECIFIED)" in seen["message"]
    assert "Notification Service: Event lost: " in seen["text"]
    assert "Client -> REST: PUT User/1001" not in seen["text"]
    assert "REST -> CTI: LOGIN" in seen["text"]


def test_row_of_the_diagram_shows_its_xml_by_mouse_and_keyboard(seen: dict[str, Any]) -> None:
    assert seen["time"] == "Time (UTC)"
    assert seen["xml"].startswith("<Update>\n  <data>\n    <dialog")
    assert "User/1001" in seen["drawer"] or "Agent 1001" in seen["drawer"]


def test_diagram_follows_new_rows_after_the_window_and_the_tab_have_changed(seen: dict[str, Any]) -> None:
    assert seen["behind"] < 10


def test_markup_of_a_customer_is_shown_as_text(seen: dict[str, Any]) -> None:
    assert seen["markup"] == 0
    assert "<img src=x onerror=fail()>" in seen["planted"]
    assert "<b>bold</b>" in seen["planted"]


def test_page_reports_no_error_and_asks_only_its_own_server(seen: dict[str, Any]) -> None:
    assert seen["errors"] == []
    assert set(seen["requests"]) == {seen["origin"]}


def test_token_leaves_the_address_bar(seen: dict[str, Any]) -> None:
    assert seen["url"] == f"{seen['origin']}/"


def test_axe_finds_nothing_in_any_size_and_color_scheme(seen: dict[str, Any]) -> None:
    assert seen["violations"] == []
    assert seen["checked"] == 12


def test_nothing_needs_horizontal_scrolling(seen: dict[str, Any]) -> None:
    assert seen["overflow"] <= 0


@pytest.mark.parametrize("width", SIZES)
def test_pictures_are_taken(width: int, seen: dict[str, Any]) -> None:
    assert len([*seen["pictures"].glob(f"console-{width}-*.png")]) >= 2


async def test_scripts_have_the_types_that_their_comments_state() -> None:
    compiler = modules() / "typescript" / "bin" / "tsc"
    process = await asyncio.create_subprocess_exec(
        node(), compiler, "-p", HERE / "tsconfig.console.json", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert (process.returncode, out.decode()) == (0, "")


def test_static_files_are_small_and_all_text() -> None:
    files = [file for file in STATIC.iterdir() if file.is_file()]
    assert sum(file.stat().st_size for file in files) < MAX_BYTES
    for file in files:
        text = file.read_text()
        assert not [word for word in MARKUP_FROM_TEXT if word in text], file
