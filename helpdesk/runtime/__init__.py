"""How Tandem runs: processes, sweep, servers, health."""
