"""The life of the connection: connect, subscribe, supervise, recover, move to the other node."""
