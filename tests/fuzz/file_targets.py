"""Targets: files that a user or another program may have changed."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from mcp_finesse.errors import AuditError, ConfigurationError
from mcp_finesse.server import Selection
from mcp_finesse.server.audit.audit_file import AuditFile
from mcp_finesse.server.audit.chain import Position, encode, verify
from mcp_finesse.server.policy.policy_file import read_policy
from mcp_finesse.settings import load_settings
from tests.fuzz.target import Target, expect

POLICY = b"""version = 1
contact = "telephony@example.com"
[tools]
allow = ["get_*", "hold_call"]
deny = ["send_request"]
[teams]
deny = ["31?"]
[feeds]
allow = ["queue:*"]
[numbers]
allow = ["45XX", "0[1-9]!"]
deny = ["00!", "[^0-3]X[2-59]"]
[limits]
per_minute = 30
objects = 5
[limits.tools]
make_call = 3
[require]
hold_call = "person"
"""
_PASSWORD = b"hunter22"


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


def read_profile(data: bytes) -> None:
    """Load the settings from a profile."""
    profile = _folder() / "profile.toml"
    profile.write_bytes(data)
    try:
        shown = repr(load_settings(profile))
    except ConfigurationError as error:
        shown = str(error)
    if data.count(_PASSWORD) == data.count(b'\npassword = "' + _PASSWORD + b'"\n'):
        expect(_PASSWORD.decode() not in shown, "The password is shown.")


@cache
def chain() -> tuple[bytes, Position]:
    """Return an unchanged audit log and the end of its chain."""
    lines, end = [], Position()
    for number in range(6):
        fields = {
            "time": "2026-11-22T12:00:00Z",
            "event": "call",
            "tool": "hold_call",
            "arguments": {"a": number},
        }
        line, end = encode(fields, end)
        lines.append(line + b"\n")
    return b"".join(lines), end


def verify_audit(data: bytes) -> None:
    """Verify an audit log. A log that differs from the original in any record does not pass as the original."""
    original, end = chain()
    found = verify(data.splitlines(keepends=True) if b"\r" not in data else _lines(data), Position())
    if data != original and found.end == end:
        changed = found.problems or found.partial_lines or found.ends_incomplete
        expect(bool(changed), "A changed audit log passes the verification.")


def _lines(data: bytes) -> list[bytes]:
    return [line + b"\n" for line in data.split(b"\n")[:-1]] + (
        [last] if (last := data.rpartition(b"\n")[2]) else []
    )


def continue_audit(data: bytes) -> None:
    """Continue an audit log, and verify the result: the new record follows the last valid one."""
    path = _folder() / "audit.jsonl"
    path.write_bytes(data)
    path.chmod(0o600)
    file = AuditFile(path)
    try:
        file.append({"event": "call", "tool": "get_user"})
    except AuditError:
        expect(path.read_bytes() == data, "A refused audit log was changed.")
        return
    finally:
        file.close()
    written = path.read_bytes()
    expect(written.startswith(data), "Existing records were changed.")
    after, complete = verify(_lines(written)), verify(_lines(data + b"\n"))
    known = {problem.line for problem in complete.problems}
    expect(not after.ends_incomplete, "The last record is incomplete.")
    expect(
        {problem.line for problem in after.problems} <= known | {max(known, default=0) + 1},
        str(after.problems[:3]),
    )
    if not known:
        expect(not after.problems, f"The continued audit log has problems: {after.problems[:3]}.")


def read_policy_file(data: bytes) -> None:
    """Read a policy file and apply its rules to a few names and numbers."""
    path = _folder() / "policy.toml"
    path.write_bytes(data)
    rules = read_policy(path, _tools())
    for text in ("hold_call", "team:310", "+49 (30) 1234-5", "0" * 200, "a" * 200):
        rules.tools.rule_against(text)
        rules.feeds.rule_against(text)
        rules.numbers.denies(text)
        rules.numbers.allows(text)
        rules.limits.per_minute_of(text)


@cache
def _tools() -> frozenset[str]:
    return frozenset(entry.name for entry in Selection(["all"]).entries())


TARGETS = (
    Target(
        "profile",
        read_profile,
        lambda: [
            b'url = "https://fin.example.test:8445"\nuser = "1001"\npassword = "hunter22"\nread_only = true\n'
            b'toolsets = "agent,supervisor"\nport = 8765\njournal_size = 500\nconnect_timeout = 2.5\n',
            b'url = "https://fin.example.test"\nca_file = "~/ca.pem"\nproxy = "http://u:hunter22@proxy.test:3128"\n'
            b'notification_urls = "wss://fin.example.test:8445/ws"\necc_lengths = "user.order=20"\naudit = "a.jsonl"\n',
        ],
        (
            b"[table]",
            b"[[table]]",
            b"a.b = 1",
            b'"""',
            b"'''",
            b"1979-05-27T07:32:00Z",
            b"0x10",
            b"inf",
            b"nan",
            b"true",
            b"profile",
            b"~nobody/x",
            b"\\u0000",
            b"http://",
            b"wss://",
            b"[::1",
            b"9" * 5000,
            b"\xff",
        ),
    ),
    Target(
        "audit_verify",
        verify_audit,
        lambda: [chain()[0], chain()[0] + b'{"number":7,"prev'],
        (
            b"\n",
            b"\r",
            b'"number":7',
            b'"number":true',
            b'"previous"',
            b"0" * 64,
            b"null",
            b'"incomplete_line"',
            b"{}",
        ),
    ),
    Target(
        "audit_continue",
        continue_audit,
        lambda: [chain()[0], chain()[0] + b'{"number":7,"prev', b"", chain()[0][:-1], b'{"number":1'],
        (b"\n", b"\r", b"\r\n", b'"number":7', b"0" * 64, b"x" * 300, b"\x00", b"\x0b", b"\x1c"),
    ),
    Target(
        "policy_file",
        read_policy_file,
        lambda: [POLICY],
        (
            b"[tools]",
            b"[[tools]]",
            b"a.b = 1",
            b"deny = []",
            b"allow = ['*']",
            b'"""',
            b"true",
            b"1e9",
            b"inf",
            b"nan",
            b"0[1-9]!",
            b"[^0]",
            b"XXXX",
            b"!",
            b"[9-0]",
            b"hold_cal",
            b"9" * 5000,
            b"\\u0000",
            b"\xff",
            b"{a = {b = 1}}",
        ),
    ),
)
