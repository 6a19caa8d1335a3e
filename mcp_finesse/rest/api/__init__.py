"""Functions of the REST API for agents and supervisors, one module per family."""
