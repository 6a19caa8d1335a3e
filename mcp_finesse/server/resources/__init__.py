"""The MCP resources, the completions of their arguments, and their change notifications."""
