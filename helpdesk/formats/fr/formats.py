"""French times of day as the rest of the pages writes them: "14 h 05"; what is not named here is Django's."""

TIME_FORMAT = "G\u00a0\\h\u00a0i"
DATETIME_FORMAT = f"j F Y à {TIME_FORMAT}"
SHORT_DATETIME_FORMAT = f"j N Y à {TIME_FORMAT}"
