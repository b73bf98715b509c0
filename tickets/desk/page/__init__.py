"""What the desk shows: lists and their rows, and a ticket's page with its timeline and customer card."""
