"""The rows of a list as HTML: written out here, for a template of 25 rows costs ten times as much."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tickets.desk.page.rows import WorkRow


def work_rows(
    rows: Iterable[WorkRow], *, me: int | None, opened: int | None = None, listed: str = ""
) -> SafeString:
    """Return the rows of a list, everything in them escaped.

    The row of the ticket `opened` is marked, `listed` is kept in each address, and `me` is "You".
    """
    said_by_me, noted, unread = (escape(word) for word in (_("You:"), _("Note:"), _("not read yet")))
    heard = f'<span class="visually-hidden">, {unread}</span>'
    listed = escape(listed)
    drawn = []
    for row in rows:
        is_unread, url, chip, said = row.is_unread, escape(row.url), row.chip, row.said
        whose = noted if row.said_kind == "note" else said_by_me if row.said_by == me else escape(row.author)
        whose = f"{whose} " if whose else ""
        drawn.append(
            f'<a class="work-row{" work-row--unread" if is_unread else ""}" href="{url}{listed}"'
            f' hx-get="{url}" hx-target="#main" data-number="{row.number}"'
            f"{' aria-current="true"' if row.number == opened else ''}>\n"
            f'  <span class="avatar avatar--customer" aria-hidden="true">{escape(row.initials)}</span>\n'
            f'  <span class="work-row__who">{escape(row.customer)}{heard if is_unread else ""}</span>\n'
            f'  <span class="work-row__time">{escape(row.time)}</span>\n'
            f'  <span class="work-row__what">{escape(row.subject)}</span>\n'
            f"  {f'<span class="work-row__said">{whose}{escape(said)}</span>' if said else ''}\n"
            f'  <span class="meta">'
            f"{f'<span class="chip chip--{row.tone}">{escape(chip)}</span>' if chip else ''}"
            f"{''.join([f'<span>{escape(fact)}</span>' for fact in row.facts])}</span>\n</a>"
        )
    return mark_safe("".join(drawn))  # noqa: S308  (every value above is escaped)
