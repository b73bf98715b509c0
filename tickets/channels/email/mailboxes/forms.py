"""The form of a mailbox: its address, queue and language here, and its mail servers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.channels.email.mailboxes.oauth import PROVIDERS
from tickets.models import Channel, Mailbox, MailFolder, Queue
from tickets.models.fields import Language

CONNECTION = (
    "sign_in", "username", "password", "imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port",
    "smtp_security",
)  # fmt: skip


class MailboxForm(forms.ModelForm[Mailbox]):
    """One form for the channel and its mailbox; an empty password keeps the stored one."""

    address = forms.EmailField(label=_("Mail address"), help_text=_("Customers write to it."))
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("For colleagues, such as “Support”."))
    queue = forms.ModelChoiceField(Queue.objects.all(), label=_("Queue"))
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    folders = forms.CharField(
        label=_("Folders to read"),
        initial="INBOX",
        help_text=_("One a line. Trying the mailbox lists those there are."),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )

    answers_reply_to = forms.ChoiceField(
        label=capfirst(_("answers go to Reply-To")),
        choices=Channel.ReplyTo.choices,
        initial=Channel.ReplyTo.NEEDED,
        required=False,
        help_text=Channel._meta.get_field("answers_reply_to").help_text,
    )
    form_senders = forms.CharField(
        label=capfirst(_("senders that write for others")),
        help_text=Channel._meta.get_field("form_senders").help_text,
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )

    class Meta:
        model = Mailbox
        fields = [*CONNECTION, "read_from", "afterwards", "move_to", "quiet_hours"]
        widgets = {
            "password": forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            "read_from": forms.DateInput(attrs={"placeholder": _("dd/mm/yyyy"), "autocomplete": "off"}),
        }
        help_texts = {
            "username": _("Mostly the mail address itself; empty takes that."),
            "imap_host": _("Empty: mails are brought to us by a mail server or provider instead."),
            "smtp_host": _("Empty: mails leave by the server of this installation."),
            "read_from": _("Mails that lay in the mailbox before this day are left alone."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        if instance is not None and instance.pk:
            channel = instance.channel
            stored = {"address": channel.address, "name": channel.name, "queue": channel.queue_id}
            folders = "\n".join(folder.name for folder in instance.folders.filter(is_read=True)) or "INBOX"
            kwargs["initial"] = {
                **stored, "language": channel.language, "folders": folders,
                "answers_reply_to": channel.answers_reply_to, "form_senders": channel.form_senders,
                **kwargs.get("initial", {}),
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.order_fields(["address", "name", "queue", "language", *CONNECTION, "folders"])
        if instance is not None and instance.password:
            self.fields["password"].help_text = _("Empty keeps the present one.")

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip().lower()
        taken = Channel.objects.filter(address__iexact=address)
        if self.instance.pk:
            taken = taken.exclude(pk=self.instance.channel_id)
        if taken.filter(mailbox__isnull=False).exists() or (self.instance.pk and taken.exists()):
            raise forms.ValidationError(_("This address is a mailbox here already."))
        return address

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if provider := PROVIDERS.get(data.get("sign_in", "")):
            data["imap_host"], data["imap_port"], data["imap_security"] = provider.imap
            data["smtp_host"], data["smtp_port"], data["smtp_security"] = provider.smtp
        if data.get("afterwards") == Mailbox.Afterwards.MOVE and not data.get("move_to"):
            self.add_error("move_to", _("To which folder?"))
        if not data.get("password") and self.instance.pk:
            data["password"] = self._check_kept_password(data)
        data["username"] = data.get("username") or data.get("address", "")
        return data

    def _check_kept_password(self, data: dict[str, Any]) -> str:
        """Return the stored password; add an error if it would be sent to another server than before.

        Otherwise somebody who may edit the form could have the password sent to a server of their own.
        """
        stored = Mailbox.objects.get(pk=self.instance.pk)
        servers = ("imap_host", "smtp_host", "imap_security", "smtp_security")
        changed = [name for name in servers if data.get(name) and data[name] != getattr(stored, name)]
        if stored.password and changed and data.get("sign_in") == Mailbox.SignIn.PASSWORD:
            sentence = _("Enter the password again: it would go to another server, or another way.")
            self.add_error("password", sentence)
        return stored.password

    def save_mailbox(self, *, now: Any) -> Mailbox:
        """Save the channel, the mailbox and its folders; the reader restarts with the new settings."""
        data = self.cleaned_data
        with transaction.atomic():
            channel = self._find_or_build_channel()
            channel.address, channel.name = data["address"], data["name"]
            channel.queue, channel.language = data["queue"], data["language"]
            channel.answers_reply_to = data["answers_reply_to"] or Channel.ReplyTo.NEEDED
            channel.form_senders = data["form_senders"]
            channel.save()
            mailbox = self.save(commit=False)
            mailbox.channel, mailbox.changed_at = channel, now
            mailbox.failing_since, mailbox.trouble, mailbox.trouble_detail = None, "", ""
            mailbox.save()
            self._choose_folders(mailbox)
        return mailbox

    def _find_or_build_channel(self) -> Channel:
        """Return the mailbox's channel, or else the channel with its address, or else a new one."""
        if self.instance.pk:
            return self.instance.channel
        present = Channel.objects.mailboxes().filter(address__iexact=self.cleaned_data["address"]).first()
        return present or Channel(slug="email")

    def _choose_folders(self, mailbox: Mailbox) -> None:
        names = [line.strip() for line in self.cleaned_data["folders"].splitlines() if line.strip()]
        names = names or ["INBOX"]
        mailbox.folders.exclude(name__in=names).update(is_read=False)
        mailbox.folders.filter(name__in=names).update(is_read=True)
        for name in names:
            MailFolder.objects.get_or_create(mailbox=mailbox, name=name)


SECTIONS = (
    (_("This mailbox"), ("address", "name", "queue", "language")),
    (_("Signing in"), ("sign_in", "username", "password")),
    (_("Receiving"), ("imap_host", "imap_port", "imap_security")),
    (_("Sending"), ("smtp_host", "smtp_port", "smtp_security")),
    (_("Which mails"), ("folders", "read_from", "afterwards", "move_to")),
    (_("Who is answered"), ("answers_reply_to", "form_senders")),
    (_("Silence"), ("quiet_hours",)),
)


def group_fields(form: MailboxForm) -> list[tuple[str, list[forms.BoundField]]]:
    """Return the form's fields, grouped under headings."""
    return [(gettext(str(title)), [form[name] for name in names]) for title, names in SECTIONS]
