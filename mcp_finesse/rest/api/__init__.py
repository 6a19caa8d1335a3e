"""Functions of the REST API for agents and supervisors. Each family of operations has a module."""
