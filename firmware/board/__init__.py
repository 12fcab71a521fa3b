"""Ports made of hardware, one file a board. No rules."""
