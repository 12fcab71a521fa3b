"""The cradle. Runs on MicroPython: ESP32, RP2040, and the unix port, which the tests use."""
