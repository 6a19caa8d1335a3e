"""Each recipe works when its code is applied to a copy of the package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.support import PACKAGE, ROOT

PAGE = ROOT / "docs" / "contributing" / "recipes.md"
_BLOCK = re.compile(
    r'^```py title="(?P<file>[^"]+)"(?: after="(?P<after>(?:[^"\\]|\\.)*)")?\n(?P<code>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)


def chapter(title: str) -> str:
    """Return the text of a recipe."""
    return PAGE.read_text().partition(f"## {title}\n")[2].partition("\n## ")[0]


def applied(title: str, folder: Path) -> Path:
    """Apply a recipe to a copy of the package and return the folder that contains the copy."""
    package = folder / PACKAGE.name
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    for block in _BLOCK.finditer(chapter(title)):
        path, after, code = package / block["file"], block["after"], block["code"]
        if after is None:
            assert not path.exists(), f"{path} exists already"
            path.write_text(code)
            continue
        line = after.replace('\\"', '"') + "\n"
        text = path.read_text()
        assert text.count(f"\n{line}") == 1, f"{block['file']} has no single line {line!r}"
        path.write_text(text.replace(f"\n{line}", f"\n{line}{code}"))
    return folder


def run(folder: Path, program: str) -> str:
    """Return the output of a program that imports the package in this folder."""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


_WITH_SESSION = """
import anyio, ssl, tempfile
from pathlib import Path
from mcp import Client
from pydantic import SecretStr
import mcp_finesse
from mcp_finesse.credentials import Credentials
from mcp_finesse.server import build_server
from mcp_finesse.session import FinesseSession, SessionConfig
from mcp_finesse.simulator import Simulator, SimulatorSettings

assert Path(mcp_finesse.__file__).parents[1] == Path.cwd(), mcp_finesse.__file__

async def main():
    async with Simulator(SimulatorSettings(tls={tls})) as simulator:
        config = SessionConfig(
            url=simulator.url,
            credentials=Credentials("1001", SecretStr("secret")),
            state_dir=Path(tempfile.mkdtemp()),
            make_tls=lambda: ssl.create_default_context(cafile=str(simulator.ca_file)),
            allow_insecure={insecure},
            notification_urls={addresses},
        )
        async with Client(build_server(FinesseSession(config))) as client:
            {body}

anyio.run(main)
"""


def with_session(body: str, *, tls: bool = True, addresses: str = "()") -> str:
    return _WITH_SESSION.format(body=body, tls=tls, insecure=not tls, addresses=addresses)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


def test_added_tool_is_listed_and_works(folder: Path) -> None:
    applied("Add a tool", folder)
    body = 'print((await client.call_tool("count_calls", {})).structured_content["calls"])'
    assert run(folder, with_session(body)) == "0\n"


def test_added_operation_is_declared_and_sent(folder: Path) -> None:
    applied("Add an operation of the REST API", folder)
    body = (
        'answer = await client.call_tool("get_skills", {}); '
        'print(answer.is_error, any("/User/1001/Skills" in each.path for each in simulator.requests))'
    )
    assert run(folder, with_session(body)) == "True True\n"  # the simulator does not know it: 404
    declared = (
        "from mcp_finesse.server.toolsets.core import CORE\n"
        "print(next(entry for entry in CORE if entry.name == 'get_skills').platforms)"
    )
    assert "UCCE" in run(folder, declared)
    assert "UCCX" not in run(folder, declared)


def test_added_transport_carries_a_session(folder: Path) -> None:
    applied("Add a transport", folder)
    body = (
        "answer = await client.call_tool('get_user', {}); "
        "status = await client.call_tool('get_session_status', {}); "
        "print(status.structured_content['link']['transport'])"
    )
    addresses = "(f'loop://127.0.0.1:{simulator.tcp_address[1]}',)"
    assert run(folder, with_session(body, tls=False, addresses=addresses)) == "loopback\n"
    assert "loopback" in run(folder, "from mcp_finesse.cli import group; group(['serve', '--help'])")


def test_added_setting_is_an_option_and_a_variable(folder: Path) -> None:
    applied("Add a setting", folder)
    shown = run(folder, "from mcp_finesse.cli import group; group(['serve', '--help'])")
    assert "--greeting" in shown
    assert "[FINESSE_GREETING]" in shown


@pytest.mark.parametrize(
    ("title", "most"), [("Add a tool", 3), ("Add an operation of the REST API", 6), ("Add a transport", 4)]
)
def test_recipe_touches_few_files(title: str, most: int) -> None:
    assert 1 <= len({block["file"] for block in _BLOCK.finditer(chapter(title))}) <= most
