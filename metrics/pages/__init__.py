"""What is shown: reports, charts, lists and the wallboard."""
