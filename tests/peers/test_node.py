"""Where the programs that we did not write are missing, a test is skipped with a reason; in CI it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers import node


@pytest.fixture(autouse=True)
def nothing_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEERS", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)


def test_what_is_missing_is_skipped_and_says_what_to_install() -> None:
    with pytest.raises(pytest.skip.Exception, match="npm ci --prefix tests/peers"):
        node.node()


def test_in_ci_what_is_missing_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="npm ci --prefix tests/peers"):
        node.node()


def test_the_packages_are_found_where_they_are_said_to_be(tmp_path: Path) -> None:
    program = tmp_path / "node" / "bin" / "node"
    program.parent.mkdir(parents=True)
    program.touch()
    assert node.node() == program
