"""What the router saw, kept, and any decision played again."""
