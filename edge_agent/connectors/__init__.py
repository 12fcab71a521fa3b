"""From the store to those who must know. A connector knows the store and nothing of ingest."""
