"""Reads a policy from a TOML file. Errors name the line, the field and what was expected."""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mcp_finesse.errors import ConfigurationError, describe_error
from mcp_finesse.redaction import truncated
from mcp_finesse.server.policy.rules import PolicyRules, matches

MAX_BYTES = 1_000_000
_MAX_PROBLEMS = 10
_TABLE = re.compile(r"[ \t]*\[([^\[\]#]{1,300})\][ \t]*(?:#.*)?")
_KEY = re.compile(r"([^=#\[\]]{1,300})=")


def read_policy(path: Path, known_tools: Collection[str]) -> PolicyRules:
    """Return the rules of a policy file.

    Args:
        path: The file.
        known_tools: The names of all tools. A rule for any other name is an error, because such a
            rule would have no effect.

    Raises:
        ConfigurationError: The file cannot be read, every user can change it, or its content is invalid.
    """
    text = _read(path)
    try:
        data = tomllib.loads(text)
        rules = PolicyRules.model_validate(data)
    except ValidationError as error:
        problems = [_problem(text, item) for item in error.errors(include_url=False)[:_MAX_PROBLEMS]]
        raise _invalid(path, problems) from None
    except RecursionError:
        raise _invalid(path, ["the values are nested too deeply"]) from None
    except ValueError as error:  # the file is not TOML; the message contains line and column
        raise _invalid(path, [truncated(str(error), 200)]) from None
    if problems := list(_unknown_tools(text, rules, known_tools)):
        raise _invalid(path, problems[:_MAX_PROBLEMS])
    return rules


def _read(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():  # opening a named pipe would wait for a writer
            raise OSError("it is not a file")
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(
            f"The policy file {path} cannot be read: {describe_error(error)}.",
            advice="Correct --policy or FINESSE_POLICY.",
        ) from None
    if os.name == "posix" and mode & stat.S_IWOTH:
        raise ConfigurationError(
            f"Every user can change the policy file {path}.",
            advice="Remove the write permission of other users.",
        )
    if len(content) > MAX_BYTES:
        raise _invalid(path, [f"it is larger than {MAX_BYTES:,} bytes"])
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise _invalid(path, [f"it is not UTF-8 (byte {error.start})"]) from None


def _invalid(path: Path, problems: list[str]) -> ConfigurationError:
    return ConfigurationError(
        f"The policy file {path} is not valid: {'; '.join(problems)}.",
        advice="`mcp-finesse policy check FILE` checks a file.",
    )


def _problem(text: str, item: ErrorDetails) -> str:
    field = ".".join(str(part) for part in item["loc"])
    said = "there is no such field" if item["type"] == "extra_forbidden" else item["msg"]
    said = said.removeprefix("Value error, ")
    return f"line {_line_of(text, item['loc'], item.get('input'))}, {truncated(field, 100)}: {said}"


def _unknown_tools(text: str, rules: PolicyRules, known: Collection[str]) -> Iterator[str]:
    places: list[tuple[tuple[str, ...], Collection[str]]] = [
        (("tools", "allow"), rules.tools.allow or ()),
        (("tools", "deny"), rules.tools.deny),
        (("limits", "tools"), rules.limits.tools),
        (("require",), rules.require),
    ]
    for location, names in places:
        for name in names:
            if any(matches(name, tool) for tool in known):
                continue
            close = difflib.get_close_matches(name, known, 1)
            guess = f" (did you mean {close[0]}?)" if close else ""
            line = _line_of(text, (*location, name), name)
            yield f"line {line}, {'.'.join(location)}: there is no tool {name!r}{guess}"


def _line_of(text: str, location: tuple[int | str, ...], value: Any) -> int:
    """Return the line of a field, or of an entry in its list. If no line sets the field, return that of its table."""
    names = [str(part) for part in location if isinstance(part, str)]
    line = 1
    table: list[str] = []
    for number, content in enumerate(text.splitlines(), 1):
        if header := _TABLE.fullmatch(content):
            table = _parts(header[1])
            path = table
        elif key := _KEY.match(content):
            path = [*table, *_parts(key[1])]
        else:
            continue
        if path == names[: len(path)] and path:
            line = number
            if len(path) == len(names):
                break
    if isinstance(value, str) and value:
        for number, content in enumerate(text.splitlines()[line - 1 :], line):
            if f'"{value}"' in content or f"'{value}'" in content:
                return number
    return line


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]
