"""Verification of static tokens while the file changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.server.auth.static_verifier import StaticVerifier
from mcp_finesse.server.auth.token_file import TokenFile
from mcp_finesse.server.auth.verifier import RejectedTokenError, UnavailableError

NOW = 1_800_000_000.0


@pytest.fixture
def file(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "tokens.json", clock=lambda: NOW)


async def test_valid_token_has_the_name_and_scopes_of_its_entry(file: TokenFile) -> None:
    token = file.create("ada", ["finesse:act", "finesse:read"], int(NOW) + 60)
    found = await StaticVerifier(file, lambda: NOW).verify(token)
    assert (found.subject, found.scopes) == ("ada", ["finesse:read", "finesse:act"])
    assert found.client_id == file.read()[0].id
    assert found.expires_at == NOW + 60
    assert token not in repr(found)


async def test_created_and_revoked_tokens_take_effect_without_a_restart(file: TokenFile) -> None:
    first = file.create("ada", ["finesse:read"])
    verifier = StaticVerifier(file)
    second = file.create("ben", ["finesse:read"])
    assert (await verifier.verify(second)).subject == "ben"
    file.revoke("ada")
    with pytest.raises(RejectedTokenError, match="no such static token"):
        await verifier.verify(first)
    assert (await verifier.verify(second)).subject == "ben"


async def test_token_is_rejected_from_the_second_in_which_it_expires(file: TokenFile) -> None:
    token = file.create("ada", ["finesse:read"], int(NOW) + 60)
    now = NOW + 59
    verifier = StaticVerifier(file, lambda: now)
    await verifier.verify(token)
    now = NOW + 60
    with pytest.raises(RejectedTokenError, match="ada has expired"):
        await verifier.verify(token)


async def test_failed_reading_is_repeated_with_the_next_token(
    file: TokenFile, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file.create("ben", ["finesse:read"])
    verifier = StaticVerifier(file)
    token = file.create("ada", ["finesse:read"])

    def fail() -> None:
        raise ConfigurationError("Too many open files.")

    with monkeypatch.context() as patch:
        patch.setattr(file, "read", fail)
        for _ in range(3):
            with pytest.raises(UnavailableError):
                await verifier.verify(token)
    assert (await verifier.verify(token)).subject == "ada"
    assert caplog.text.count("Too many open files") == 1


async def test_file_that_became_unusable_accepts_no_token_until_it_is_restored(file: TokenFile) -> None:
    token = file.create("ada", ["finesse:read"])
    verifier = StaticVerifier(file)
    content = file.path.read_bytes()
    file.path.write_bytes(b"{")
    with pytest.raises(UnavailableError):
        await verifier.verify(token)
    file.path.write_bytes(content)
    await verifier.verify(token)
    file.path.unlink()
    with pytest.raises(UnavailableError):
        await verifier.verify(token)


def test_missing_file_prevents_the_start(file: TokenFile) -> None:
    with pytest.raises(ConfigurationError, match="cannot be used"):
        StaticVerifier(file)
