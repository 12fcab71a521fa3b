"""Tests whose text is the same for a simulated and for a real bench."""
