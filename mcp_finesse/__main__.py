"""The entry point: ``mcp-finesse``, and ``python -m mcp_finesse``."""

import contextlib
import os
import sys

from mcp_finesse import signals

# These run until they are ended, so that Ctrl-C and SIGTERM end them with 0, at any time.
_WITHOUT_END = {"serve", "simulate", "watch"}


def main() -> None:
    """Run the command line. Signals are handled before anything else, since imports take most of a second."""
    try:
        signals.install()
        from mcp_finesse.cli import run

        status = run(sys.argv[1:])
    except BaseException as error:
        # C code in the middle of an import makes another exception of KeyboardInterrupt
        if not signals.interrupted() and not isinstance(error, KeyboardInterrupt):
            raise
        status = 130
    if signals.interrupted():
        status = 130
    if status == 130 and _WITHOUT_END.intersection(sys.argv[1:2]):
        status = 0
    if signals.interrupted():
        # Python would end with SIGINT in place of the status if the exception once came by an exec(), as in dataclasses
        with contextlib.suppress(OSError, AttributeError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    main()
