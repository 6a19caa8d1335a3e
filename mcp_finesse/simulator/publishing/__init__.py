"""Notifications: pubsub nodes, recipients and XML."""
