"""Validates and executes requests on users, calls and tasks, and requests of supervisors."""
