"""The Celery app: bells and heavy work. What must happen is found again by the sweep."""

import os

from celery import Celery
from celery.signals import setup_logging

from helpdesk.logs import lines
from helpdesk.runtime.processes import QUEUES

HEARTBEAT_SECONDS = 10.0

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

app = Celery("tandem")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
setup_logging.connect(lines.configure)
app.conf.beat_schedule = {
    f"heartbeat of {queue}": {
        "task": "helpdesk.tasks.beat_heart",
        "schedule": HEARTBEAT_SECONDS,
        "args": (queue,),
        "options": {"queue": queue, "expires": HEARTBEAT_SECONDS},
    }
    for queue in QUEUES
}
