"""What machines write that asks nothing of anybody: which kind of notice a mail is, and what it says."""
