"""Files uploaded with a form: limited during the upload, so that the form's text is never lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from tickets import wording

MAX_BYTES = 25 * 1024 * 1024
MAX_FILES = 10
DISCONNECT_AFTER = 8 * MAX_BYTES

View = Callable[..., HttpResponse]


class CappedUpload(FileUploadHandler):
    """Accept files up to the limits, skip the rest, and record that there were more.

    `total` is the number of bytes of all files, `count` the number of files.
    """

    total = 0
    count = 0
    is_over = False
    announced = 0

    def handle_raw_input(
        self, input_data: Any, meta: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """Record how much the browser is about to send."""
        self.announced = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.count += 1
        if self.announced > DISCONNECT_AFTER:
            self.is_over = True
            raise StopUpload(connection_reset=True)
        if self.is_over or self.count > MAX_FILES:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.total += len(raw_data)
        if self.total > MAX_BYTES:
            self.is_over = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handlers, which store it."""


class ManyFilesInput(forms.ClearableFileInput):
    """A file input for several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files, none required."""

    widget = ManyFilesInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(file, initial) for file in files if file]


class FilesForm(forms.Form):
    """A form with files; it needs the request, whose upload handler knows about exceeded limits."""

    attachments = ManyFilesField(label=_("Photos or documents"))

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self._cap = _find_upload_handler(request)
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self._cap and self._cap.is_over:
            sentence = _("Your files are larger than %(size)s in total. Please choose fewer or smaller ones.")
            self.add_error(
                "attachments",
                forms.ValidationError(sentence % {"size": wording.format_size(MAX_BYTES)}, code="too_large"),
            )
        elif self._cap and self._cap.count > MAX_FILES:
            sentence = _("Please choose at most %(count)s files.")
            self.add_error(
                "attachments", forms.ValidationError(sentence % {"count": MAX_FILES}, code="too_many")
            )
        return data

    @property
    def status(self) -> int:
        """Return the HTTP status of a refused form."""
        return 413 if self.has_error("attachments", "too_large") else 400

    @property
    def had_files(self) -> bool:
        """Whether files were uploaded: after an error, browsers do not send them again."""
        return self._cap is not None and self._cap.count > 0

    def uploads(self) -> list[tuple[str, str, bytes]]:
        """Return the files of a valid form as (name, type, bytes)."""
        files: list[UploadedFile[Any]] = self.cleaned_data["attachments"]
        for file in files:
            file.seek(0)  # they may have been read before
        return [(f.name or "", f.content_type or "application/octet-stream", f.read()) for f in files]


def limit_uploads(view: View) -> View:
    """Limit the uploads of a view; installed before the CSRF check, which already reads the form."""
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def with_cap(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.upload_handlers.insert(0, CappedUpload(request))
        return protected(request, *args, **kwargs)

    return with_cap


def _find_upload_handler(request: HttpRequest) -> CappedUpload | None:
    return next((h for h in request.upload_handlers if isinstance(h, CappedUpload)), None)
