"""An MCP server that exposes Cisco Finesse as agent tools, on a typed asynchronous client."""

__version__ = "0.1.0"
