"""Figures that need a store of some size; run by hand, asserted by nobody."""
