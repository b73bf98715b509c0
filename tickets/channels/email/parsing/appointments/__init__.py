"""Appointments in a mail, and their time zones."""
