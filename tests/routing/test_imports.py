"""What a page's process loads."""

import subprocess
import sys

LOOK = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "helpdesk.settings"
import django
django.setup()
import helpdesk.asgi, helpdesk.wsgi, helpdesk.urls, routing.admin
print(sorted({"numpy", "scipy"} & set(sys.modules)))
"""


def test_pages_load_neither_numpy_nor_scipy():
    told = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
