"""Appointments in a mail, and the time zones they are in."""
