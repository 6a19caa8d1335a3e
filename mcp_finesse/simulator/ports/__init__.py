"""Listening sockets, TLS and certificates."""
