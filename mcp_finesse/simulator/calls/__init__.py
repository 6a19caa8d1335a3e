"""Phone calls: their state, setup, control, data and supervision. Also the outbound dialer."""
