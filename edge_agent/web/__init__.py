"""What people and watchdogs may look at."""
