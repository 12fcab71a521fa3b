"""What measurements need of the agent from inside: stores as they look after years."""
