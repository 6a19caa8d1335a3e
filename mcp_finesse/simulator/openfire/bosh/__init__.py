"""The BOSH endpoint (XEP-0124, XEP-0206)."""
