"""The phone: calls told by a provider's webhook or typed by an agent."""
