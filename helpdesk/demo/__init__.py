"""The demonstration company: a furniture shop with three queues, eight agents and forty customers."""
