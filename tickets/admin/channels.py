"""Configuration of channels, and of the keys that sign mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from tickets.admin.roles import RoleAdmin
from tickets.channels.email.outbound import signing
from tickets.channels.registry import adapters
from tickets.models import Channel, SigningKey
from tickets.models.channels.channel import new_secret

OF_MAILBOXES = ("answers_reply_to", "form_senders")


class ChannelForm(forms.ModelForm[Channel]):
    """The form of a channel: its adapter is chosen from a list and checks the other fields."""

    slug = forms.ChoiceField(label=capfirst(_("kind")))
    provider_secret = forms.CharField(
        label=capfirst(_("secret given by the provider")),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Only where the other side chooses it, as Twilio does (its auth token). Empty keeps the present."
        ),
    )

    class Meta:
        model = Channel
        fields = [
            "slug", "name", "queue", "language", "address", "answers_reply_to", "form_senders", "options",
            "is_active",
        ]  # fmt: skip
        widgets = {"form_senders": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].choices = [(slug, a.label) for slug, a in adapters().items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        adapter = adapters().get(str(data.get("slug", "")))
        for field, sentence in (adapter.check_settings(data) if adapter else {}).items():
            self.add_error(field, sentence)
        return data

    def save(self, commit: bool = True) -> Channel:
        """Save the channel. A secret that the provider chose replaces ours, which is still accepted."""
        if secret := self.cleaned_data.get("provider_secret"):
            self.instance.previous_secret, self.instance.secret = self.instance.secret, secret
        saved: Channel = super().save(commit)
        return saved


@admin.register(Channel)
class ChannelAdmin(RoleAdmin):
    form = ChannelForm
    list_display = ["name", "slug", "address", "queue", "language", "is_active"]
    list_filter = ["slug", "is_active"]
    search_fields = ["name", "address"]
    readonly_fields = ["key", "secret_for_provider"]
    actions = ["renew_secret"]
    supervisor_access = "view"
    queue_path = "queue"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Return the fields of the form, without those of mailboxes where the channel is none."""
        fields = super().get_fields(request, obj)
        adapter = adapters().get(obj.slug) if obj is not None else None
        if adapter is None or adapter.is_mail:
            return list(fields)
        return [name for name in fields if name not in OF_MAILBOXES]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None or not self.has_change_permission(request):
            return []
        adapter = adapters().get(obj.slug)
        connection = ["connection"] if adapter and adapter.connection(obj) else []
        return [*connection, "key", "secret_for_provider"]

    @admin.display(description=_("how to connect it"))
    def connection(self, channel: Channel) -> str:
        """Return what the administrator copies to the provider, with the adapter's instructions."""
        adapter = adapters()[channel.slug]
        return format_html("{}<br><code>{}</code>", adapter.how_to_connect, adapter.connection(channel))

    @admin.display(description=_("secret for the provider"))
    def secret_for_provider(self, channel: Channel) -> str:
        adapter = adapters().get(channel.slug)
        return channel.secret if adapter and adapter.shows_secret(channel) else "—"

    @admin.action(
        description=_("Create a new secret; the old one works until the next change"), permissions=["change"]
    )
    def renew_secret(self, request: HttpRequest, queryset: Any) -> None:
        for channel in queryset:
            channel.previous_secret, channel.secret = channel.secret, new_secret()
            channel.save(update_fields=["previous_secret", "secret"])


class SigningKeyForm(forms.ModelForm[SigningKey]):
    """The form of a signing key. The private key is never shown; an empty field keeps or creates it."""

    private_key = forms.CharField(
        label=capfirst(_("private key (PEM)")),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        help_text=_("Leave it empty to have one made, or to keep the present one."),
    )

    class Meta:
        model = SigningKey
        fields = ["domain", "selector", "private_key", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["private_key"] = ""

    def clean_private_key(self) -> str:
        key = str(self.cleaned_data.get("private_key") or "").strip()
        if not key:
            return self.instance.private_key or signing.generate_private_key()
        try:
            signing.build_public_record(key)
        except (ValueError, TypeError) as error:
            raise forms.ValidationError(_("This is no private key in PEM form.")) from error
        return key


@admin.register(SigningKey)
class SigningKeyAdmin(RoleAdmin):
    form = SigningKeyForm
    list_display = ["domain", "selector", "is_active"]
    readonly_fields = ["name_to_publish", "record_to_publish"]

    @admin.display(description=_("name to publish"))
    def name_to_publish(self, key: SigningKey) -> str:
        return str(key) if key.domain else "—"

    @admin.display(description=_("TXT record to publish"))
    def record_to_publish(self, key: SigningKey) -> str:
        return signing.build_public_record(key.private_key) if key.private_key else "—"
