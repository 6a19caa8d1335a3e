"""Options that several commands share, and the conversion of settings to a session configuration."""

from __future__ import annotations

import difflib
import functools
import logging
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from mcp_finesse.credentials import (
    Credentials,
    CredentialSource,
    KeyringPassword,
    PasswordCommand,
    PasswordFile,
    TokenCommand,
)
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.numbers import is_digits
from mcp_finesse.proxies import Proxies
from mcp_finesse.redaction import CARDS_ONLY, Redaction, truncated, use_redaction
from mcp_finesse.rest import RestTimeouts
from mcp_finesse.session import SessionConfig, SessionTiming
from mcp_finesse.session.config import CLOSE_LINK
from mcp_finesse.settings import Settings, load_settings, setting_extra
from mcp_finesse.xmpp import LinkTiming

log = logging.getLogger(__name__)

LOG_LEVELS = click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"], case_sensitive=False)

_PASSWORD_SETTINGS = ("password", "password_file", "password_keyring", "password_command")
"""The settings that select the source of the agent's password. The administrator's settings begin with ``admin_``.

Administrators have no tokens: they sign in with HTTP Basic on every system.
"""

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def command_flag(*names: str, **more: Any) -> Decorator:
    """Return an option of one command. As its help states, ``FINESSE_COMMAND_FLAG`` can also set the option."""
    return click.option(*names, show_default=True, show_envvar=True, **more)


class NumberRange(click.FloatRange):
    """Numbers in a range. NaN, which compares as neither too small nor too large, is rejected."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number, or fail with a sentence."""
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is not in the range {self._describe_range()}.", param, ctx)
        return number


def _setting_option(name: str, field: FieldInfo) -> Decorator:
    """Return the option of a setting, with the type and help of the field. ``read_settings`` receives its value."""
    flag = name.replace("_", "-")
    described = (field.description or "").rstrip(".")
    if field.default not in (None, "", PydanticUndefined) and not isinstance(field.default, bool):
        described += f". Default: {field.default}"
    names = f"--{flag}/--no-{flag}" if field.annotation is bool else f"--{flag}"
    return click.option(
        names,
        type=_option_type(field),
        default=None,
        allow_from_autoenv=False,
        help=f"{described}.  [FINESSE_{name.upper()}]",
    )


def _option_type(field: FieldInfo) -> click.ParamType[Any] | type | None:
    kinds = [kind for kind in get_args(field.annotation) if kind is not type(None)] or [field.annotation]
    literal = next((kind for kind in (field.annotation, *kinds) if get_origin(kind) is Literal), None)
    if literal is not None:
        return click.Choice([str(value) for value in get_args(literal)], case_sensitive=False)
    if choices := setting_extra(field).get("choices"):
        return click.Choice(choices)
    kind = kinds[0]
    if kind is Path:
        return click.Path(path_type=Path)
    return kind if kind in (int, float) else None


def setting_options(command: str | None = None) -> Decorator:
    """Add an option for each setting that is common to all commands, or for each setting of one command."""
    options = [
        _setting_option(name, field)
        for name, field in Settings.model_fields.items()
        if setting_extra(field).get("flag", True) and setting_extra(field).get("command") == command
    ]

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        return functools.reduce(lambda made, option: option(made), reversed(options), function)

    return add


def read_settings(flags: dict[str, Any]) -> Settings:
    """Read the settings from flags, environment and profile, and configure redaction and logging to stderr.

    Raises:
        ConfigurationError: a name or value is invalid. The error names the name or value.
    """
    _refuse_unknown_environment()
    if "@" in (flags.get("proxy") or ""):
        raise ConfigurationError(
            "--proxy contains credentials, which other users could see in the process list.",
            advice="Set a proxy with credentials in FINESSE_PROXY or in the profile.",
        )
    settings = load_settings(**flags)
    use_redaction(settings.redaction)
    log_to_stderr(settings.log_level, settings.redaction)
    for warning in settings.warnings:
        log.warning("%s", warning)
    return settings


def _refuse_unknown_environment() -> None:
    """Reject unknown variables. If FINESSE_READ_ONLY were misspelled and ignored, the MCP server could write."""
    group = click.get_current_context().find_root().command
    commands = group.list_commands(click.Context(group)) if isinstance(group, click.Group) else []
    command_flags = tuple(
        f"FINESSE_{name.upper()}_"
        for name in commands
        if not any(setting == name or setting.startswith(f"{name}_") for setting in Settings.model_fields)
    )
    known = [f"FINESSE_{name.upper()}" for name in Settings.model_fields]
    for name in sorted(os.environ):
        if name.startswith("FINESSE_") and name not in known and not name.startswith(command_flags):
            close = difflib.get_close_matches(name, known, 1)
            raise ConfigurationError(
                f"{name} is not a setting.",
                advice=f"Did you mean {close[0]}?"
                if close
                else "`mcp-finesse serve --help` lists all settings.",
            )


def session_config(settings: Settings, *, needs_agent: bool = True) -> SessionConfig:
    """Return the session configuration for the settings.

    Args:
        settings: the settings, which contain an agent, an administrator, or both.
        needs_agent: whether an agent is required.

    Raises:
        ConfigurationError: the address, the agent or a password is missing. The error says how to set the
            missing value.
    """
    agent = _credentials(settings, "")
    administrator = _credentials(settings, "admin_")
    begun = bool(settings.user or _secret_settings(settings, ""))
    credentials = agent if needs_agent or begun else administrator
    if settings.url is None or credentials is None:
        missing = [] if settings.url else ["FINESSE_URL"]
        if credentials is None:
            missing += [] if settings.user else ["FINESSE_USER"]
            missing += [] if _secret_settings(settings, "") else ["FINESSE_PASSWORD"]
        hint = (
            " With --toolsets admin or developer, administrator credentials alone are enough."
            if administrator is not None and needs_agent
            else ""
        )
        raise ConfigurationError(
            f"{' and '.join(missing)} {'are' if missing[1:] else 'is'} not set.",
            advice="Set the missing settings in the environment or in a profile, or try `mcp-finesse "
            "serve --simulator`." + hint,
        )
    return SessionConfig(
        url=settings.url.rstrip("/"),
        credentials=credentials,
        administrator=administrator,
        agent=agent is not None,
        state_dir=settings.state_dir,
        warnings=settings.warnings,
        make_tls=settings.make_tls,
        proxies=Proxies.of(
            settings.proxy.get_secret_value() if settings.proxy else None, os.environ, settings.make_tls
        ),
        notification_urls=comma_list(settings.notification_urls),
        other_url=(settings.other_url or "").rstrip("/"),
        other_notification_urls=comma_list(settings.other_notification_urls),
        failover=settings.failover,
        xmpp_transport=settings.xmpp_transport,
        presence_priority=settings.presence_priority,
        allow_insecure=settings.allow_insecure,
        read_only=settings.read_only,
        journal_size=settings.journal_size,
        journal_memory=settings.journal_memory * 2**20,
        ecc_lengths=ecc_lengths(settings.ecc_lengths),
        timing=SessionTiming(action=settings.action_timeout),
        link_timing=LinkTiming(
            connect=settings.connect_timeout,
            request=settings.request_timeout,
            ping_interval=settings.ping_interval,
            ping_timeout=settings.ping_timeout,
            ping_misses=settings.ping_misses,
            close=CLOSE_LINK,
        ),
        rest_timeouts=RestTimeouts.of(settings.connect_timeout, settings.request_timeout),
    )


def _credentials(settings: Settings, prefix: str) -> CredentialSource | None:
    """Return the source of the credentials of the agent (no prefix) or of the administrator (``admin_``).

    Returns:
        None if neither user nor password is set, or if only one of them is set for the agent.

    Raises:
        ConfigurationError: More than one setting selects the source of the password, or the administrator has only
            a user or only a password.
    """
    user = getattr(settings, f"{prefix}user")
    given = _secret_settings(settings, prefix)
    if len(given) > 1:
        names = " and ".join(f"FINESSE_{name.upper()}" for name in given)
        raise ConfigurationError(
            f"{names} are set, but the password can come from one place only.",
            advice="Set only one of these settings, either in the environment or in the profile.",
        )
    if user and given:
        return _source(user, given[0].removeprefix(prefix), getattr(settings, given[0]), settings)
    if prefix and (user or given):
        lacking = f"{prefix}password" if user else f"{prefix}user"
        raise ConfigurationError(
            f"FINESSE_{lacking.upper()} is not set.",
            advice="Set both FINESSE_ADMIN_USER and FINESSE_ADMIN_PASSWORD, or neither.",
        )
    return None


def _secret_settings(settings: Settings, prefix: str) -> list[str]:
    """Return the names of the given settings with this prefix that select the source of the password."""
    names = [f"{prefix}{name}" for name in _PASSWORD_SETTINGS] + ([] if prefix else ["token_command"])
    return [name for name in names if getattr(settings, name) is not None]


def _source(user: str, name: str, value: Any, settings: Settings) -> CredentialSource:
    if name == "password_file":
        return PasswordFile(user, value, settings.password_timeout)
    if name == "password_keyring":
        return KeyringPassword(user, value, settings.password_timeout)
    if name == "password_command":
        return PasswordCommand(user, value, settings.password_timeout)
    if name == "token_command":
        return TokenCommand(user, value, settings.password_timeout)
    return Credentials(user, value)


def ecc_lengths(text: str) -> dict[str, int] | None:
    """Parse a list of ``NAME=BYTES``. Return the maximum length of each variable by name, or None for an empty list.

    Raises:
        ConfigurationError: a part does not have the form NAME=BYTES.
    """
    pairs = [part.partition("=") for part in comma_list(text)]
    for name, _, size in pairs:
        if not name.strip() or not is_digits(size.strip(), max_digits=6):
            raise ConfigurationError(
                f"FINESSE_ECC_LENGTHS contains {truncated(name.strip(), 40)!r} without a length.",
                advice="Write each variable with its length in bytes, such as user.order=20,user.note=210.",
            )
    return {name.strip(): int(size) for name, _, size in pairs} or None


def comma_list(text: str) -> tuple[str, ...]:
    """Split a comma-separated setting."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


class _RedactingFormatter(logging.Formatter):
    """Formats log records and their tracebacks, and redacts the result."""

    def __init__(self, redaction: Redaction) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        return self._redaction.text(super().format(record), with_numbers=True)


def log_to_stderr(level: str, redaction: Redaction = CARDS_ONLY) -> None:
    """Log only to stderr, redacted, because MCP uses stdout. Libraries log only warnings and errors."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactingFormatter(redaction))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("mcp_finesse").setLevel(level)
    # slixmpp logs stanzas at DEBUG and ended streams at ERROR. The link itself reports ended streams.
    logging.getLogger("slixmpp").setLevel(logging.CRITICAL)
