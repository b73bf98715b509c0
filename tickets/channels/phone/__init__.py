"""The phone channel: calls reported by a provider's webhook, or logged by an agent."""
