"""MCP resources, their completions and their change notifications."""
