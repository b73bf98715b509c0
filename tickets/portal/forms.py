"""What customers fill in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tickets.customers.mail_addresses import normalise_email
from tickets.customers.phone_numbers import format_number, may_be_called, read_typed
from tickets.models import Channel
from tickets.portal.hours import Window
from tickets.portal.uploads import FilesForm

TOKEN = re.compile(r"[\w-]{16,64}", re.ASCII)


class TextField(forms.CharField):
    """A typed text, without NUL characters, which PostgreSQL cannot store."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace("\x00", "") if isinstance(value, str) else value)


class OnceForm(forms.Form):
    """A form with a hidden token, by which a repeated submission is recognised."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = self.new_token

    @staticmethod
    def new_token() -> str:
        return secrets.token_urlsafe(16)

    def clean_token(self) -> str:
        """Return the token, or a new one if it is missing or invalid, so that no message is lost by it."""
        token = str(self.cleaned_data["token"])
        return token if TOKEN.fullmatch(token) else self.new_token()


class DecoyForm(forms.Form):
    """A form with a field that people do not see; if it is filled in, the sender is probably a program."""

    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )


def _check_address(form: forms.Form) -> str:
    """Return the normalised mail address of a form. Raises ValidationError if it is not valid."""
    typed = form.cleaned_data["email"]
    address = normalise_email(typed)
    if typed and not address:
        raise forms.ValidationError(form.fields["email"].error_messages["invalid"], code="invalid")
    return address


class AddressForm(forms.Form):
    """A form with the customer's mail address."""

    email = forms.EmailField(
        label=_("Your email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("We need your email address to answer you."),
            "invalid": _("This email address is not valid. Example: name@example.com."),
        },
    )

    def clean_email(self) -> str:
        return _check_address(self)


class RequestForm(FilesForm, AddressForm, OnceForm, DecoyForm):
    """The web form."""

    name = TextField(
        label=_("Your name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    subject = TextField(
        label=_("Subject"),
        max_length=200,
        error_messages={"required": _("Enter a subject: a few words are enough.")},
    )
    text = TextField(
        label=_("What happened?"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": _("Tell us what happened, so that somebody can help.")},
        help_text=_("If you have an order number, please add it."),
    )
    about = forms.ChoiceField(label=_("What is it about?"), widget=forms.RadioSelect)

    def __init__(self, request: HttpRequest, channels: Sequence[Channel], *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self._channels = {channel.key: channel for channel in channels}
        if len(self._channels) > 1:
            choices = [(channel.key, channel.queue.label()) for channel in channels]
            self.fields["about"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["about"]

    def channel(self) -> Channel:
        """Return the chosen channel of a valid form."""
        first = next(iter(self._channels.values()))
        return self._channels.get(self.cleaned_data.get("about", ""), first)


class ReplyForm(FilesForm, OnceForm):
    """A customer's reply on their own page; with `may_be_empty`, pressing the button is enough."""

    may_be_empty = False

    text = TextField(
        label=_("Your message"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        is_empty = not data.get("text", "").strip() and not data.get("attachments")
        if is_empty and not self.may_be_empty and not self.errors:
            self.add_error("text", forms.ValidationError(_("Write something first."), code="required"))
        return data


class CallbackForm(OnceForm, DecoyForm):
    """A request for a call back."""

    number = forms.CharField(
        label=_("Your phone number"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"required": _("We need a number to call.")},
    )
    window = forms.ChoiceField(
        label=_("When should we call?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a time for the call."),
            "invalid_choice": _("This time is no longer available. Please choose another one."),
        },
    )
    name = TextField(
        label=_("Your name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your email address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        help_text=_("To confirm the time and let you follow your request."),
        error_messages={
            "invalid": _("This email address is not valid. Example: name@example.com."),
        },
    )
    text = TextField(
        label=_("What is it about?"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Tell us in a few words, so that the right person calls you.")},
    )

    def __init__(self, windows: Sequence[Window], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._windows = {window.key: window for window in windows}
        self.fields["window"].choices = [(key, key) for key in self._windows]  # type: ignore[attr-defined]

    def clean_number(self) -> str:
        region = "FR" if (get_language() or "").startswith("fr") else "GB"
        numbers = read_typed(self.cleaned_data["number"], regions=(region, "FR", "GB"))
        if len(numbers) > 1:
            raise forms.ValidationError(
                _("This could be %(numbers)s. Enter it with the country code.")
                % {"numbers": " / ".join(format_number(number) for number in numbers)}
            )
        number = numbers[0] if numbers else ""
        if not may_be_called(number):
            raise forms.ValidationError(
                _("We cannot call this number. Enter it with the country code, such as +33 6 12 34 56 78.")
            )
        return number

    def clean_email(self) -> str:
        return _check_address(self)

    def chosen_window(self) -> Window:
        """Return the chosen window of a valid form."""
        return self._windows[self.cleaned_data["window"]]
