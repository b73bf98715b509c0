"""Why this agent: the stored decision in words."""
