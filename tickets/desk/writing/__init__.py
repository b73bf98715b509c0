"""What agents write on the desk: composer, drafts, new tickets, what can be taken back."""
