"""Pages of the API: newest first, by cursor, so that page 4,000 costs what page 1 costs."""

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """25 rows a page, at most 100."""

    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = "-id"
