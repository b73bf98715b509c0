"""What changes while the desk is open: its websocket, who reads a ticket, the counts of the navigation."""
