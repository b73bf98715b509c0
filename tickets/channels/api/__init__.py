"""Requests that other software creates for a customer by the API."""
