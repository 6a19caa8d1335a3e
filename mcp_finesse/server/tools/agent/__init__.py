"""Tools of the toolset agent: agent state, calls, call data, phone books."""
