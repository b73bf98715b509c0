"""Questions about other rules or rosters, asked of recorded or invented days."""
