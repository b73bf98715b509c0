"""Mail on its way out: building, signing, sending, and news of deliveries."""
