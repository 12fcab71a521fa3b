"""The agent's memory. SQL is spoken here and nowhere else."""
