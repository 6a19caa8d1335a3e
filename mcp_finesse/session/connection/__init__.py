"""The connection to the Notification Service: connecting, subscribing, supervision, recovery and node switches."""
