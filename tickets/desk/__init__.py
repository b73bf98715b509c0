"""The agents' desk: lists of work, the conversation with a customer, and who they are, without page loads."""
