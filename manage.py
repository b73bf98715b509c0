#!/usr/bin/env python
"""Run a command of Tandem: `python manage.py help` lists them."""

import sys

from helpdesk.runtime.command_line import run_command

if __name__ == "__main__":
    sys.exit(run_command(sys.argv))
