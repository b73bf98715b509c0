"""What the desk shows: lists, rows, the open ticket, its timeline and the card."""
