"""The MCP transports: stdio and Streamable HTTP."""
