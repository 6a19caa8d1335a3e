"""BOSH (XEP-0124, XEP-0206): framing, ordering and the transport."""
