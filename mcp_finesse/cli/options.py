"""Options that several commands share, and the way from settings to a session."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.session import SessionConfig
from mcp_finesse.settings import Settings

_CONNECTION: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
    click.option(
        "--profile",
        type=click.Path(path_type=Path, dir_okay=False),
        help="TOML file with settings.  [FINESSE_PROFILE]",
    ),
    click.option("--url", help="Address of Finesse, such as https://HOST:8445.  [FINESSE_URL]"),
    click.option("--user", help="Id of the agent.  [FINESSE_USER; the password: FINESSE_PASSWORD]"),
    click.option(
        "--ca-file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="PEM file of the authority that signed Finesse's certificate.  [FINESSE_CA_FILE]",
    ),
    click.option(
        "--websocket-url",
        help="Notification Service, if not /ws at the same address.  [FINESSE_WEBSOCKET_URL]",
    ),
    click.option(
        "--allow-insecure/--no-allow-insecure",
        default=None,
        help="Allow unencrypted http and ws: anybody on the way can read the password.  [FINESSE_ALLOW_INSECURE]",
    ),
    click.option(
        "--state-dir",
        type=click.Path(path_type=Path, file_okay=False),
        help="Where lock files and refused passwords (hashed) are kept.  [FINESSE_STATE_DIR]",
    ),
    click.option("--journal-size", type=int, help="How many notifications are kept.  [FINESSE_JOURNAL_SIZE]"),
    click.option(
        "--log-level",
        type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"], case_sensitive=False),
        help="What goes to stderr.  [FINESSE_LOG_LEVEL]",
    ),
)


def connection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which Finesse, which agent, and how."""
    return functools.reduce(lambda made, option: option(made), reversed(_CONNECTION), command)


def session_config(settings: Settings) -> SessionConfig:
    """The session that the settings describe.

    Raises:
        ConfigurationError: the address, the agent or the password is missing; says which and how to set it.
    """
    missing = [
        f"FINESSE_{name.upper()}" for name in ("url", "user", "password") if not getattr(settings, name)
    ]
    if missing or settings.url is None or settings.user is None or settings.password is None:
        raise ConfigurationError(
            f"{' and '.join(missing)} not set.",
            advice="Set them in the environment or in a profile, or try `mcp-finesse serve --simulator`.",
        )
    return SessionConfig(
        url=settings.url.rstrip("/"),
        credentials=Credentials(settings.user, settings.password),
        state_dir=settings.state_dir,
        make_tls=settings.make_tls,
        websocket_url=settings.websocket_url,
        allow_insecure=settings.allow_insecure,
        read_only=settings.read_only,
        journal_size=settings.journal_size,
    )


def log_to_stderr(level: str) -> None:
    """Log to stderr alone: stdout belongs to the protocol. Libraries stay quiet below WARNING."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("mcp_finesse").setLevel(level)
    # slixmpp logs stanzas at DEBUG and complains of ended streams at ERROR; the link reports those itself.
    logging.getLogger("slixmpp").setLevel(logging.CRITICAL)
