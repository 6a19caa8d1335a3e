"""The tables behind ``error_codes``, one module per family, in our own words."""
