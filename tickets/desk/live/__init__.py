"""The open desk: its socket, who is reading, and the way from ticket to ticket."""
