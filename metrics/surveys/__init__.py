"""Surveys: whom to invite, the wording, and receiving the answer."""
