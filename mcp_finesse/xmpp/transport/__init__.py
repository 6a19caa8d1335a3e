"""Transports to the Notification Service: TCP, WebSocket (RFC 7395) and BOSH, and their addresses."""
