"""Customers: find the customer of a sender, claims and their proof, access links, notes of each queue.

Only an identity that a channel has proved identifies a customer. An address that somebody typed is a claim in
one conversation (docs/architecture.md, "Claims and proofs"). May import models, platform and the values of
channels.
"""
