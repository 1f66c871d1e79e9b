"""Why somebody is not signed in by the provider."""


class SignOnRefused(Exception):
    """The sign-on cannot be believed, or could not be had; the text is for the log, never with tokens."""
