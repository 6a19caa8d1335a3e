"""The tools, one module for what belongs together, and one module per toolset that lists its tools."""
