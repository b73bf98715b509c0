"""Chat: a widget on any page, one websocket a visitor, the same tickets as every other channel."""
