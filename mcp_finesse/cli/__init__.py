"""The command ``mcp-finesse``: one module per subcommand.

Bad input, bad credentials and a dead server end with one sentence and a status, never with a traceback:
0 all went well, 1 something was not as expected, 2 a setting or an argument is wrong, 3 Finesse cannot be
reached or refused, 130 interrupted.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click

from mcp_finesse import __version__
from mcp_finesse.errors import ConfigurationError, FinesseError, InvalidRequestError

_COMMANDS = ("serve", "demo", "simulate", "watch")


class _Commands(click.Group):
    """Imports a command when it is asked for, because hosts allow a server little time to start."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"mcp_finesse.cli.{cmd_name}"), cmd_name)
        return command


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="mcp-finesse")
def group() -> None:
    r"""Let an AI assistant work a Cisco Finesse contact centre, over the Model Context Protocol.

    Start with `mcp-finesse demo`: it needs no Finesse, plays a call on a built-in simulator, and tells what
    happens. Then give your MCP client the command `mcp-finesse serve` and these settings:

    \b
      FINESSE_URL       https://finesse.example.com:8445
      FINESSE_USER      the agent's id
      FINESSE_PASSWORD  the agent's password (there is no flag for it, on purpose)
      FINESSE_CA_FILE   the authority of Finesse's certificate, if your system does not know it

    Settings come from flags, from the environment (FINESSE_*), and from a TOML profile
    (~/.config/mcp-finesse/profile.toml, or --profile), in this order.
    """


def main() -> None:
    """Run the command line; the entry point of the package."""
    try:
        group.main(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (ConfigurationError, InvalidRequestError) as error:
        click.echo(f"mcp-finesse: {error}", err=True)
        sys.exit(2)
    except FinesseError as error:
        click.echo(f"mcp-finesse: {error}", err=True)
        sys.exit(3)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has seen enough (`mcp-finesse watch | head`).
        sys.stderr.close()
        sys.exit(0)
