"""``mcp-finesse token``: creates, lists and revokes the static tokens of HTTP clients."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import click

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.numbers import parse_int
from mcp_finesse.redaction import truncated
from mcp_finesse.server import SCOPES, StaticToken, TokenFile

_UNITS = {"h": 3600, "d": 86_400, "w": 604_800}
_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.group()
def token() -> None:
    """Create, list and revoke tokens for `mcp-finesse serve --token-file FILE`.

    A client sends its token in the header `Authorization: Bearer TOKEN`. The file contains hashes, from which no
    token can be derived. A running server applies changes with its next request.
    """


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    help="Scope of the token. Repeat the option for several scopes. Default: finesse:read.",
)
@click.option(
    "--expires",
    metavar="WHEN",
    help="When the token expires: 12h, 90d, 8w, or a date such as 2027-06-30 (UTC).",
)
@_FILE
def create(name: str, scopes: tuple[str, ...], expires: str | None, file: Path) -> None:
    """Create a token for one person or program, and print it once.

    NAME appears in the audit log and identifies the token when it is revoked. FILE is created if it does not exist.
    """
    granted = scopes or SCOPES[:1]
    until = None if expires is None else _moment(expires, time.time())
    secret = TokenFile(file).create(name, granted, until)
    click.echo(
        f"Created {name} with {', '.join(granted)}, {_expiry(until)}. The token is shown only once:", err=True
    )
    click.echo(secret)


@token.command("list")
@_FILE
def list_tokens(file: Path) -> None:
    """List the tokens of a file: name, scopes, creation, expiry."""
    tokens = TokenFile(file).read()
    for entry in tokens:
        click.echo(_line(entry))
    if not tokens:
        click.echo("There are no tokens.", err=True)


@token.command()
@click.argument("name")
@_FILE
def revoke(name: str, file: Path) -> None:
    """Revoke a token.

    Running servers reject the token from the next request on, and close its open streams within 30 seconds.
    """
    entry = TokenFile(file).revoke(name)
    click.echo(f"Revoked {entry.name}.")


def _line(entry: StaticToken) -> str:
    expired = " (expired)" if entry.is_expired(time.time()) else ""
    return f"{entry.name}  {','.join(entry.scopes)}  created {_date(entry.created)}  {_expiry(entry.expires)}{expired}"


def _expiry(moment: int | None) -> str:
    return "without expiry" if moment is None else f"expires {_date(moment)}"


def _date(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"


def _moment(text: str, now: float) -> int:
    """Return the time that ``--expires`` names, in seconds since 1970.

    Raises:
        InvalidRequestError: The text is not a duration or a date.
    """
    seconds, amount = _UNITS.get(text[-1:]), parse_int(text[:-1], max_digits=5)
    if seconds is not None and amount is not None and amount > 0:
        return int(now) + amount * seconds
    try:
        date = datetime.strptime(text[:40], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidRequestError(
            f"--expires {truncated(text, 40)} is neither a duration nor a date.",
            advice="Write 12h, 90d, 8w, or a date such as 2027-06-30.",
        ) from None
    return int(date.timestamp())
