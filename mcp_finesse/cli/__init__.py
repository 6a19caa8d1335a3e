"""The command line. Each subcommand has a module.

Invalid input, rejected credentials and an unreachable server end the command with one sentence and an exit status,
never with a traceback. Only an unexpected exception, which is a bug, prints its traceback, redacted. The exit status is
0 for success, 1 for an unexpected result, 2 for an invalid setting or argument, 3 if Finesse is unreachable or rejected
the request, and 130 if the command was interrupted. ``serve``, ``simulate`` and ``watch`` run until Ctrl-C or SIGTERM,
which end them with status 0.
"""

from __future__ import annotations

import traceback
from contextvars import copy_context
from importlib import import_module

import click

from mcp_finesse import __version__, signals
from mcp_finesse.errors import ConfigurationError, FinesseError, InvalidRequestError
from mcp_finesse.privacy import caller_block
from mcp_finesse.redaction import active_redaction

_NAME = "mcp-finesse"
_COMMANDS = ("serve", "demo", "simulate", "scenario", "watch", "policy", "audit", "token")
_HELP = """\
MCP server for Cisco Finesse: lets an AI assistant work as a contact center agent.

Start with `mcp-finesse demo`: it requires no Finesse server and shows an agent's day on a built-in simulator.
Then configure your MCP client to run `mcp-finesse serve` with these settings:

\b
  FINESSE_URL       https://finesse.example.com:8445
  FINESSE_USER      the agent's id
  FINESSE_PASSWORD  the agent's password (deliberately not available as a flag)
  FINESSE_CA_FILE   CA certificate (PEM), if your system does not trust Finesse's certificate

Settings are read from flags, environment variables (FINESSE_*) and a TOML profile
(~/.config/mcp-finesse/profile.toml, or --profile). A flag overrides an environment variable,
and both override the profile.
If a flag exists for one command only, its environment variable includes the name of that command,
such as FINESSE_SIMULATE_PORT.
"""


class _Commands(click.Group):
    """Imports a command only when it is used.

    MCP hosts allow an MCP server little time to start. Also, Ctrl-C during imports must end the process
    cleanly.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"{__name__}.{cmd_name}"), cmd_name)
        return command


@click.group(
    cls=_Commands,
    help=_HELP,
    invoke_without_command=True,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "auto_envvar_prefix": "FINESSE",
    },
)
@click.version_option(__version__, prog_name=_NAME)
@click.pass_context
def group(context: click.Context) -> None:
    """Show the help if no command is given. Otherwise do nothing, because click runs the command."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(2)


def run(arguments: list[str]) -> int:
    """Run the command line.

    Args:
        arguments: command-line arguments without the program name.

    Returns:
        The exit status.
    """
    return copy_context().run(_run, arguments)  # the redaction of the settings ends with the command


def _run(arguments: list[str]) -> int:
    try:
        return group.main(arguments, prog_name=_NAME, standalone_mode=False) or 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx is not None else _NAME
        return _end(2, f"{error.format_message()} See `{path} --help`.")
    except click.ClickException as error:
        return _end(1, error.format_message())
    except (ConfigurationError, InvalidRequestError) as error:
        return _end(2, str(error))
    except FinesseError as error:
        return _end(3, str(error))
    except (KeyboardInterrupt, click.Abort):
        return 130
    except Exception:
        if signals.interrupted():
            raise
        click.echo(_redacted(traceback.format_exc()), nl=False, err=True)
        return 1


def _end(status: int, sentence: str) -> int:
    # the error message may contain text from Finesse or from an intermediary
    click.echo(f"{_NAME}: {caller_block(_redacted(sentence))[0]}", err=True)
    return status


def _redacted(text: str) -> str:
    return active_redaction().text(text, with_numbers=True)
