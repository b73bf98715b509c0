#!/usr/bin/env python
"""Run a command of Tandem: `python manage.py help` lists them."""

import sys

from helpdesk.runtime.command_line import run

if __name__ == "__main__":
    sys.exit(run(sys.argv))
