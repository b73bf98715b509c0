"""People and their time: agents, presence, shifts, slots, absences, roster, calendars, fairness."""
