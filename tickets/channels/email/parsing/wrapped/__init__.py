"""What other programs wrap a mail in: winmail.dat and its rich text."""
