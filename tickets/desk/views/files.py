"""Files: always a download, never shown by us, the right to them checked each time."""

from __future__ import annotations

from django.db.models import Q
from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tickets import files
from tickets.desk.entrance import Desk, for_agents
from tickets.errors import NotFound
from tickets.models import Attachment


@require_GET
@for_agents
def download(request: HttpRequest, desk: Desk, public_id: str) -> FileResponse:
    """Send one file of a message this person may see, or of their own draft."""
    mine = Q(draft__user=desk.user, draft__ticket__in=desk.tickets)
    seen = Q(message__ticket__in=desk.tickets)
    file = Attachment.objects.filter(seen | mine, public_id=public_id).first()
    if file is None:
        raise NotFound
    try:
        stored = files.open_stored(file.key)
    except FileNotFoundError as error:
        raise NotFound(_("This file is not in the store any more. Ask for it again.")) from error
    response = FileResponse(stored, as_attachment=True, filename=file.name, content_type=file.content_type)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
