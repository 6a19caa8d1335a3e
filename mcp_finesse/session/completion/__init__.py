"""What proves that an action took effect: completions, and the evidence for states that a failure also leaves."""
