"""Phone calls: state, setup, control, call data and supervision, and the outbound dialer."""
