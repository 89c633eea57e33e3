"""A small shop, to have something to measure."""
