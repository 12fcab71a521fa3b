"""Facts and decisions. Pure: no clock, no store, no network."""
