"""French times of day as the rest of the pages writes them: "14 h 05"; what is not named here is Django's."""

TIME_FORMAT = "G\u00a0\\h\u00a0i"
DATETIME_FORMAT = f"j F Y à {TIME_FORMAT}"
SHORT_DATETIME_FORMAT = f"j N Y à {TIME_FORMAT}"

# What forms show and take; the same in both languages, so that an address with a date in it may be passed on.
DATE_INPUT_FORMATS = ["%d/%m/%Y", "%Y-%m-%d"]
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S"]
DATETIME_INPUT_FORMATS = ["%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
