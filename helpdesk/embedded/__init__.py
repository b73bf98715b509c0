"""The servers that come with Tandem, so that one command runs it all."""
