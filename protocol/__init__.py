"""What travels between cradle and agent. Pure Python for both interpreters; no I/O, no clock."""
