"""Files: always a download, never shown by us, the right to them checked each time."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from tickets.desk.entrance import Desk, for_agents
from tickets.errors import NotFound
from tickets.models import Attachment
from tickets.platform import downloads


@require_GET
@for_agents
def download(request: HttpRequest, desk: Desk, public_id: str) -> HttpResponse:
    """Send one file of a message this person may see, or of their own draft."""
    mine = Q(draft__user=desk.user, draft__ticket__in=desk.tickets)
    seen = Q(message__ticket__in=desk.tickets)
    file = Attachment.objects.filter(seen | mine, public_id=public_id).first()
    if file is None:
        raise NotFound
    return downloads.build_download(file)
