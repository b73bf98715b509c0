"""What can go wrong with the embedded servers, in sentences a person can act on."""


class EmbeddedError(Exception):
    """Say in one sentence what keeps an embedded server from running and what to do."""
