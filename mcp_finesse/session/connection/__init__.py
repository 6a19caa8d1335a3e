"""The connection to the Notification Service: connect, subscribe, supervise, recover, switch nodes."""
