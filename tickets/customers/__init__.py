"""Who somebody is: claims, their proof, and what each queue knows of a person.

An identity says who speaks only when the channel has proved it. Whatever was typed is a claim on one
conversation (docs/architecture.md, "Claims and proofs").
"""
