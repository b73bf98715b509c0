"""The one door out: outbox, deferral, throttling, bounces, complaints, automatic mail, signed tokens.

Offers `outbox.add_outbound` and `outbox.deliver`. May import models, platform and the channel registry.
"""
