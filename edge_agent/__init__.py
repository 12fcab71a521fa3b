"""The agent on the Linux box beside the cradles: books every record once, decides, forwards."""
