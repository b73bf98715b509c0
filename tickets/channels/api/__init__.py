"""Requests that another program hands in for a customer."""
