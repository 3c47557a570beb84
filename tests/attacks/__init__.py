"""Attacks by tools of others, longer than tests may take; `make attacks` runs them."""
