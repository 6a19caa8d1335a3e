"""Refused secrets are remembered across processes, as keyed hashes, for five minutes."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.session.lockout import RefusedSecrets

URL = "https://finesse.example.com:8445"
WRONG = Credentials("1001", SecretStr("guess"))


class Now:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def test_a_refused_secret_is_not_to_be_tried_for_five_minutes(tmp_path: Path) -> None:
    now = Now()
    RefusedSecrets(tmp_path, now).remember(URL, WRONG)
    another_process = RefusedSecrets(tmp_path, now)
    assert another_process.seconds_left(URL, WRONG) == 300
    now.time += 299
    assert another_process.seconds_left(URL, WRONG) == 1
    now.time += 2
    assert another_process.seconds_left(URL, WRONG) == 0


def test_another_password_user_or_server_is_another_matter(tmp_path: Path) -> None:
    refused = RefusedSecrets(tmp_path)
    refused.remember(URL, WRONG)
    assert refused.seconds_left(URL, Credentials("1001", SecretStr("right"))) == 0
    assert refused.seconds_left(URL, Credentials("1002", SecretStr("guess"))) == 0
    assert refused.seconds_left("https://other:8445", WRONG) == 0


def test_who_is_no_administrator_may_be_an_agent_all_the_same(tmp_path: Path) -> None:
    RefusedSecrets(tmp_path, role="administrator").remember(URL, WRONG)
    assert RefusedSecrets(tmp_path, role="administrator").seconds_left(URL, WRONG) > 0
    assert RefusedSecrets(tmp_path).seconds_left(URL, WRONG) == 0


def test_what_finesse_takes_is_forgotten(tmp_path: Path) -> None:
    refused = RefusedSecrets(tmp_path)
    refused.remember(URL, WRONG)
    refused.forget(URL, WRONG)
    refused.forget(URL, WRONG)
    assert refused.seconds_left(URL, WRONG) == 0


def test_nothing_of_the_secret_is_on_the_disk_and_only_the_user_may_read(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    RefusedSecrets(folder).remember(URL, WRONG)
    for file in folder.iterdir():
        assert "guess" not in file.read_text()
        assert file.stat().st_mode & 0o077 == 0


def test_a_broken_memory_is_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "refused.json").write_text("[1, 2")
    (tmp_path / "refused.key").write_text("no key")
    refused = RefusedSecrets(tmp_path)
    assert refused.seconds_left(URL, WRONG) == 0
    refused.remember(URL, WRONG)
    assert refused.seconds_left(URL, WRONG) > 0


def test_a_clock_that_was_set_back_does_not_lock_for_longer(tmp_path: Path) -> None:
    now = Now()
    RefusedSecrets(tmp_path, now).remember(URL, WRONG)
    now.time -= 100_000
    assert RefusedSecrets(tmp_path, now).seconds_left(URL, WRONG) == 300


def test_a_folder_that_cannot_be_written_keeps_nobody_from_working(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    refused = RefusedSecrets(file / "below")
    refused.remember(URL, WRONG)
    assert refused.seconds_left(URL, WRONG) == 0
