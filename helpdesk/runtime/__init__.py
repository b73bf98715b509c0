"""How Tandem runs: processes, servers, logs."""
