"""Download files: always as an attachment, never displayed by us, with the right checked each time."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from tickets.desk.access import Desk, for_agents
from tickets.errors import NotFound
from tickets.models import Attachment
from tickets.platform import downloads


@require_GET
@for_agents
def download(request: HttpRequest, desk: Desk, public_id: str) -> HttpResponse:
    """Send one file of a ticket that this person may see, or of their own draft."""
    own_drafts = Q(draft__user=desk.user, draft__ticket__in=desk.tickets)
    visible = Q(message__ticket__in=desk.tickets)
    file = Attachment.objects.filter(visible | own_drafts, public_id=public_id).first()
    if file is None:
        raise NotFound
    return downloads.build_download(file)
