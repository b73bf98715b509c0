"""French dates and times: 14 h 30, as everywhere else on the pages."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = r"j F Y à G \h i"
TIME_FORMAT = r"G \h i"
SHORT_DATETIME_FORMAT = r"j N Y à G \h i"

# What forms show and take; the same in both languages, so that an address with a date in it may be passed on.
DATE_INPUT_FORMATS = ["%d/%m/%Y", "%Y-%m-%d"]
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S"]
DATETIME_INPUT_FORMATS = ["%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
