"""The REST API: routing, exchanges, one module per family."""
