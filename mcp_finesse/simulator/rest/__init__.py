"""The Finesse REST API: routing, request and response types, endpoints by family."""
