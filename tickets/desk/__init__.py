"""The agents' pages: work lists, conversations and customer cards, updated without page loads."""
