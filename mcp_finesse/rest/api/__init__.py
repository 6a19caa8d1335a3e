"""The functions of the REST API that agents and supervisors use, one module per family."""
