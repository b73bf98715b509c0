"""The formats in which Outlook wraps a mail: winmail.dat (TNEF) and its rich text."""
