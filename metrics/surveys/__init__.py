"""Surveys: who is asked, in which words, and how the answer comes in."""
