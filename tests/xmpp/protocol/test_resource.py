"""XMPP resources: the first free slot, the same one after a restart, and never the desktop's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mcp_finesse import private_files
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.xmpp.protocol import resource
from mcp_finesse.xmpp.protocol.resource import ResourceSlot, check_resource, host_name, is_ours

DOMAIN = "fin.example.test"


def acquire(directory: Path, user_id: str = "5001", domain: str = DOMAIN) -> ResourceSlot:
    return ResourceSlot.acquire(directory, user_id, domain, host="pc-12")


def test_first_free_resource_is_acquired(tmp_path: Path) -> None:
    first, second = acquire(tmp_path / "made" / "here"), acquire(tmp_path / "made" / "here")
    assert (first.resource, second.resource) == ("mcp-finesse-pc-12-1", "mcp-finesse-pc-12-2")
    first.release()
    first.release()
    assert acquire(tmp_path / "made" / "here").resource == "mcp-finesse-pc-12-1"
    second.release()


def test_each_user_and_domain_has_its_own_resources(tmp_path: Path) -> None:
    slots = [acquire(tmp_path), acquire(tmp_path, user_id="a/b@c"), acquire(tmp_path, domain="other.test")]
    assert {slot.resource for slot in slots} == {"mcp-finesse-pc-12-1"}


def test_resource_is_released_when_its_process_ends(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from mcp_finesse.xmpp.protocol.resource import ResourceSlot\n"
        "slot = ResourceSlot.acquire(pathlib.Path(sys.argv[1]), '5001', 'fin.example.test', host='pc-12')\n"
        "print(slot.resource, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "mcp-finesse-pc-12-1"
        ours = acquire(tmp_path)
        assert ours.resource == "mcp-finesse-pc-12-2"
        assert ours.holder_is_alive("mcp-finesse-pc-12-1") is True
        other.kill()
        other.wait(10)
    assert ours.holder_is_alive("mcp-finesse-pc-12-1") is False
    assert acquire(tmp_path).resource == "mcp-finesse-pc-12-1"


@pytest.mark.parametrize(
    ("name", "alive"),
    [
        ("mcp-finesse-pc-12-1", True),  # its own
        ("mcp-finesse-pc-12-9", None),  # no lock file: not from this folder
        ("mcp-finesse-other-1", None),
        ("desktop", None),
        ("mcp-finesse-pc-12", None),
    ],
)
def test_holder_is_alive_is_known_for_resources_of_this_folder_only(
    tmp_path: Path, name: str, alive: bool | None
) -> None:
    assert acquire(tmp_path).holder_is_alive(name) is alive


def test_released_resource_has_no_living_holder(tmp_path: Path) -> None:
    slot = acquire(tmp_path)
    slot.release()
    assert slot.holder_is_alive(slot.resource) is False


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("mcp-finesse-pc-12-1", True),
        ("mcp-finesse-pc-12-10", True),
        ("mcp-finesse-pc-12-0", False),
        ("mcp-finesse--1", False),
        ("mcp-finesse-1", False),
        ("desktop", False),
        ("x-mcp-finesse-pc-1", False),
        ("", False),
    ],
)
def test_own_resources_are_recognized_by_their_form(name: str, ours: bool) -> None:
    assert is_ours(name) is ours


@pytest.mark.parametrize("name", ["", " ", "desktop", "Desktop"])
def test_reserved_or_empty_resources_are_rejected(name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be used"):
        check_resource(name)


@pytest.mark.parametrize(("machine", "short"), [("PC_12.corp.test", "pc-12"), ("...", "host"), ("é", "host")])
def test_host_name_is_reduced_to_plain_letters(
    monkeypatch: pytest.MonkeyPatch, machine: str, short: str
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: machine)
    assert host_name() == short
    assert is_ours(f"{resource.PREFIX}{short}-1")


def test_unusable_state_folder_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be used") as caught:
        acquire(tmp_path / "file")
    assert "folder" in caught.value.advice


def test_lock_failure_is_not_mistaken_for_a_holder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(descriptor: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(private_files, "_lock", no_locks)
    with pytest.raises(ConfigurationError, match="No locks available"):
        acquire(tmp_path)


def test_number_of_resources_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "_SLOTS", 2)
    slots = [acquire(tmp_path), acquire(tmp_path)]
    with pytest.raises(ConfigurationError, match="All 2 XMPP resources of user 5001"):
        acquire(tmp_path)
    assert len(slots) == 2


def test_lock_file_that_is_a_symlink_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    slot = acquire(tmp_path)
    slot.release()
    lock = next(tmp_path.glob("*.lock"))
    lock.unlink()
    lock.symlink_to(target)
    with pytest.raises(ConfigurationError, match=lock.name):
        acquire(tmp_path)
    assert not target.exists()


def test_lock_file_writable_by_others_is_rejected(tmp_path: Path) -> None:
    acquire(tmp_path).release()
    lock = next(tmp_path.glob("*.lock"))
    lock.chmod(0o666)
    with pytest.raises(ConfigurationError, match="other users can write to it"):
        acquire(tmp_path)
