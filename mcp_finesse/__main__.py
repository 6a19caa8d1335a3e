"""Run as ``python -m mcp_finesse``."""

from mcp_finesse.cli import main

if __name__ == "__main__":
    main()
