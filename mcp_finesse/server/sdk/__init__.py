"""All code that depends on internals of the MCP SDK, and the checks of arguments and schemas."""
