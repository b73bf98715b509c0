"""Chat: a widget for any web page, one websocket per visitor, and the same tickets as in other channels."""
