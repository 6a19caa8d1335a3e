"""Everything that depends on the MCP SDK's internals, and the checks of arguments and schemas."""
