"""Configuration pages of routing: agents, skills, shifts, queues' rules, policies."""

from routing.admin import agents, policies, rushes, skills

__all__ = ["agents", "policies", "rushes", "skills"]
