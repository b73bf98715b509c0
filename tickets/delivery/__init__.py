"""Send messages: outbox, deferral, throttling, bounces, complaints, automatic mail, signed addresses.

Everything that is sent goes through `outbox.add_outbound` and `outbox.deliver`. May import models, platform,
limits, customers, promises and the channel registry.
"""
