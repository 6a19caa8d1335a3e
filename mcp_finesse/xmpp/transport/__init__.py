"""The transports to the Notification Service, which are TCP, WebSocket (RFC 7395) and BOSH, and their addresses."""
