"""Notices: automatic mails that need no answer. Recognise the kind of a notice, and read what it says."""
