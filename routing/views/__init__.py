"""Fragments that the desk asks for by address: presence, offers, who has a ticket and why."""
