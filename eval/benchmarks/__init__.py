"""Experiments behind design decisions. Nothing in the product imports them."""
