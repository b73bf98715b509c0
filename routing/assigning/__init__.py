"""Who has a ticket: assignment, offers, requested assignees, follow-ups.

Offers `assignment.assign`, the one way to an assignee. May import workforce, dispatch and estimates.
"""
