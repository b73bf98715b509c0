"""One pass of the router: work items, snapshot, engine, persist, reclaim.

Offers `run`. May import models, workforce, estimates and the engine.
"""
