"""The Notification Service: an XMPP server with pubsub that behaves like Openfire."""
