"""A channel that an installation could add: text messages (`TANDEM_CHANNELS=tests.testchannel`)."""
