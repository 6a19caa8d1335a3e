"""How the XMPP servers of the tests are run: nobody's root, on loopback, gone at the end; missing is said."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.peers import ejabberd
from tests.peers.ejabberd import Ejabberd
from tests.peers.prosody import Prosody
from tests.peers.xmpp_server import XmppServer, running_or_skip

KINDS = pytest.mark.parametrize("kind", [Prosody, Ejabberd], ids=lambda kind: kind.name)


@pytest.fixture
def nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.delenv("CI", raising=False)


@KINDS
@pytest.mark.usefixtures("nothing_is_installed")
def test_where_it_is_missing_a_test_is_skipped_and_says_what_to_install(kind: type[XmppServer]) -> None:
    with pytest.raises(pytest.skip.Exception, match=f"apt-get install {kind.name.lower()}"):
        next(running_or_skip(kind))


@KINDS
@pytest.mark.usefixtures("nothing_is_installed")
def test_in_ci_what_is_missing_is_a_failure(kind: type[XmppServer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=f"apt-get install {kind.name.lower()}"):
        next(running_or_skip(kind))


def test_erlang_alone_is_no_ejabberd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/erl")
    monkeypatch.setattr(ejabberd, "_BINARIES", "no/such/place")
    assert not Ejabberd.installed()


@pytest.mark.peer
@KINDS
def test_it_runs_as_nobody_in_particular_and_leaves_nothing(kind: type[XmppServer]) -> None:
    running = running_or_skip(kind)
    server = next(running)
    assert server.listens()
    assert server.folder.is_dir()
    process = server.process
    assert process is not None
    if Path("/proc").is_dir():
        assert Path(f"/proc/{process.pid}").stat().st_uid != 0 or os.geteuid() != 0
    with pytest.raises(StopIteration):
        next(running)
    assert process.poll() is not None
    assert not server.folder.exists()
    assert not server.listens()
