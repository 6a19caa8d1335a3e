"""Every module can be imported where the standard library lacks its POSIX-only parts, as on Windows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

POSIX_MODULES = ("fcntl", "grp", "posix", "pwd", "resource", "syslog", "termios", "tty")
POSIX_NAMES = {
    "os": "fchmod fchown fork geteuid getgid getuid killpg mkfifo O_DIRECTORY O_NOFOLLOW O_NONBLOCK setsid uname",
    "signal": "alarm getitimer ITIMER_REAL pthread_sigmask setitimer SIGALRM SIGHUP SIGKILL SIGQUIT SIGUSR1",
    "socket": "AF_UNIX SCM_RIGHTS socketpair",
}

PROGRAM = """
import importlib, os, pkgutil, signal, socket, sys, types

import mcp_finesse

def import_all():
    for module in pkgutil.walk_packages(mcp_finesse.__path__, "mcp_finesse."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)

import_all()  # loads all libraries, which need the real platform
for name in [name for name in sys.modules if name.partition(".")[0] == "mcp_finesse"]:
    del sys.modules[name]
for name in {modules!r}:
    sys.modules[name] = None
for owner, names in ((os, {os!r}), (signal, {signal!r}), (socket, {socket!r})):
    for name in names.split():
        delattr(owner, name)
windows = types.ModuleType("msvcrt")
windows.LK_NBLCK, windows.locking = 2, None
sys.modules["msvcrt"] = windows
sys.platform = "win32"
import mcp_finesse
{more}
import_all()
print(len([name for name in sys.modules if name.startswith("mcp_finesse.")]))
"""


def imported_without(more: str = "") -> subprocess.CompletedProcess[str]:
    """Import all modules in a process of its own, in which the platform seems to be Windows."""
    program = PROGRAM.format(modules=POSIX_MODULES, more=more, **POSIX_NAMES)
    root = Path(__file__).parents[1]
    return subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=60
    )


@pytest.mark.alone
def test_every_module_can_be_imported_without_posix() -> None:
    ended = imported_without()
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) > 300


@pytest.mark.alone
@pytest.mark.parametrize("name", ["fcntl", "pwd"])
def test_module_that_needs_posix_is_noticed(name: str) -> None:
    ended = imported_without(f"import {name}")
    assert "ModuleNotFoundError" in ended.stderr
