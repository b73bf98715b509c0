"""Benchmarks: what an operation costs in CPU milliseconds of web and database, beside a floor of the same run."""
