"""Validation and execution of requests on users, calls, tasks and supervision."""
