"""The world around the agent: goods, labels, engines, cradles, platforms, faults, the judge."""
