"""What a page's process loads."""

import subprocess
import sys

LOOK = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "helpdesk.settings"
import django
django.setup()
import routing.urls, routing.api_urls, routing.admin
print(sorted({"numpy", "scipy"} & set(sys.modules)))
"""


def test_pages_of_routing_load_neither_numpy_nor_scipy():
    told = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
