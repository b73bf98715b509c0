"""What the first page asks, with words that say what each answer is for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.accounts.models import User
from helpdesk.first.setting_up import Beginnings


class FirstForm(forms.Form):
    """Language and company, the first administrator, and where customers write."""

    language = forms.ChoiceField(
        label=_("Language"),
        choices=User.Language.choices,
        help_text=_("Of your own pages, and of what customers read when theirs is not known."),
    )
    company = forms.CharField(
        label=_("Company"), max_length=120, help_text=_("As your customers know it: it signs your mails.")
    )
    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Your email address"),
        help_text=_("You sign in with it; customers never see it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters, not a common word."),
    )
    queue = forms.CharField(
        label=_("First queue"),
        max_length=50,
        help_text=_("A line of work with its own people, such as Orders or Support. More can follow."),
    )
    mailbox = forms.EmailField(
        label=_("Mailbox address"),
        required=False,
        help_text=_("Where customers write, such as support@example.org. It can wait."),
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_mailbox(self) -> str:
        return str(self.cleaned_data["mailbox"]).lower()

    def clean(self) -> dict[str, Any]:
        """Refuse a login that is the mailbox: the link to a new password would stand in a ticket for all."""
        values = super().clean() or self.cleaned_data
        if values.get("email") and values.get("email") == values.get("mailbox"):
            self.add_error(
                "mailbox", _("Customers need an address of their own, not the one you sign in with.")
            )
        return values

    @property
    def beginnings(self) -> Beginnings:
        """Return what a valid form says."""
        return Beginnings(**self.cleaned_data)
