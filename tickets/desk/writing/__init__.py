"""What agents write on the desk: the composer, drafts, canned responses and new tickets."""
