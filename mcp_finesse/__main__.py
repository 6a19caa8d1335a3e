"""The entry point of ``mcp-finesse`` and ``python -m mcp_finesse``."""

import sys

from mcp_finesse import signals

# These commands run until they are interrupted, so Ctrl-C and SIGTERM end them with status 0 at any time.
_WITHOUT_END = {"serve", "simulate", "watch"}


def main() -> None:
    """Run the command line. Install the signal handlers first, because the imports take most of a second."""
    endless = bool(_WITHOUT_END.intersection(sys.argv[1:2]))
    try:
        signals.install()
        signals.exit_if_swallowed(0 if endless else 130)
        from mcp_finesse.cli import run

        status = run(sys.argv[1:])
    except BaseException as error:
        # C code that runs during an import can replace KeyboardInterrupt with another exception
        if not signals.interrupted() and not isinstance(error, KeyboardInterrupt):
            raise
        status = 130
    if signals.interrupted():
        status = 130
    if status == 130 and endless:
        status = 0
    if signals.interrupted():
        # If the exception had passed through exec(), as in dataclasses, Python would end the process with
        # SIGINT instead of this exit status
        signals.exit_now(status)
    sys.exit(status)


if __name__ == "__main__":
    main()
