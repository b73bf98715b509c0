"""Events become facts: one path for one ticket, a batch, or everything."""
