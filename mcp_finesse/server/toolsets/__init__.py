"""The toolsets, which group tools, and the selection of the tools that an MCP server offers."""
