"""Ways to route on a simulated day: ours and seven others."""
