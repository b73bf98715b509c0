"""Mailboxes: how to connect, how far each folder has been read, and each mail seen on the server."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor
from tickets.models.fields import EncryptedTextField
from tickets.models.queue import Queue


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    def visible_to(self, actor: Actor) -> MailboxQuerySet:
        """Return the mailboxes of a supervisor's queues; all of them for an administrator."""
        if actor.is_administrator:
            return self
        return self.filter(channel__queue__in=Queue.objects.supervised_by(actor))

    def fetched_by_us(self) -> MailboxQuerySet:
        """Return active mailboxes that we read by IMAP; the others deliver their mail to us."""
        return self.filter(channel__is_active=True).exclude(imap_host="")


class Mailbox(models.Model):
    """One mailbox: its servers and sign-in if we fetch from it, and whether reading works at present."""

    class Security(models.TextChoices):
        TLS = "tls", _("TLS from the start")
        STARTTLS = "starttls", _("STARTTLS")
        NONE = "none", _("none (private networks only)")

    class SignIn(models.TextChoices):
        PASSWORD = "password", _("with a password")
        MICROSOFT = "microsoft", _("with Microsoft 365")
        GOOGLE = "google", _("with Google")

    class Afterwards(models.TextChoices):
        LEAVE = "leave", _("leave it as it is")
        SEEN = "seen", _("mark it as read")
        MOVE = "move", _("move it to a folder")

    channel = models.OneToOneField("tickets.Channel", models.CASCADE, related_name="mailbox")
    imap_host = models.CharField(_("incoming server (IMAP)"), max_length=250, blank=True)
    imap_port = models.PositiveIntegerField(_("port"), default=993)
    imap_security = models.CharField(_("encryption"), max_length=8, choices=Security, default=Security.TLS)
    smtp_host = models.CharField(_("outgoing server (SMTP)"), max_length=250, blank=True)
    smtp_port = models.PositiveIntegerField(_("port"), default=587)
    smtp_security = models.CharField(
        _("encryption"), max_length=8, choices=Security, default=Security.STARTTLS
    )
    sign_in = models.CharField(_("sign in"), max_length=9, choices=SignIn, default=SignIn.PASSWORD)
    username = models.CharField(_("user name"), max_length=250, blank=True)
    password = EncryptedTextField(_("password"), blank=True)
    read_from = models.DateField(_("read mails from"), null=True, blank=True)
    afterwards = models.CharField(
        _("after a mail is stored"), max_length=5, choices=Afterwards, default=Afterwards.LEAVE
    )
    move_to = models.CharField(_("folder to move it to"), max_length=250, blank=True)
    access_token = EncryptedTextField(blank=True)
    refresh_token = EncryptedTextField(blank=True)
    access_expires_at = models.DateTimeField(null=True, blank=True)
    refresh_expires_at = models.DateTimeField(null=True, blank=True)
    signin_trouble = models.CharField(max_length=300, blank=True)
    quiet_hours = models.PositiveSmallIntegerField(
        _("hours without a mail before we tell you"),
        null=True,
        blank=True,
        help_text=_("Empty: worked out from the last four weeks. 0: never."),
    )
    changed_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    compared_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=40, blank=True)
    trouble_detail = models.CharField(max_length=400, blank=True)
    told_of = models.CharField(max_length=40, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        ordering = ["channel__name"]

    def __str__(self) -> str:
        return self.address

    @property
    def address(self) -> str:
        return self.channel.address

    @property
    def is_fetched(self) -> bool:
        return bool(self.imap_host)

    @property
    def uses_oauth(self) -> bool:
        return self.sign_in != self.SignIn.PASSWORD

    def record_success(self, *, now: datetime) -> None:
        """Record that a whole exchange with the server succeeded at `now`, and clear earlier trouble."""
        Mailbox.objects.filter(pk=self.pk).update(
            last_success_at=now, failing_since=None, trouble="", trouble_detail=""
        )

    def record_trouble(self, code: str, detail: str, *, now: datetime) -> None:
        """Record why reading fails; `failing_since` keeps the moment of the first failure."""
        rows = Mailbox.objects.filter(pk=self.pk)
        rows.update(trouble=code[:40], trouble_detail=detail[:400])
        rows.filter(failing_since=None).update(failing_since=now)


class MailFolder(models.Model):
    """One folder that is read. Every UID up to `last_uid` under `uidvalidity` has its row in MailSeen."""

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="folders")
    name = models.CharField(_("folder"), max_length=250)
    is_read = models.BooleanField(_("read"), default=True)
    uidvalidity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    old_below_uid = models.BigIntegerField(default=0)
    on_server = models.PositiveIntegerField(null=True, blank=True)
    compared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mail folder")
        verbose_name_plural = _("mail folders")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["mailbox", "name"], name="one_row_a_mail_folder")]

    def __str__(self) -> str:
        return self.name


class MailSeen(models.Model):
    """One mail seen on a server, by folder, UIDVALIDITY and UID, and its progress into the ledger."""

    class State(models.TextChoices):
        WAITING = "waiting", _("still to be fetched")
        KEPT = "kept", _("in the ledger")
        GONE = "gone", _("removed from the server before it was fetched")
        RENUMBERED = "renumbered", _("read again under another number")

    folder = models.ForeignKey(MailFolder, models.CASCADE, related_name="mails")
    uidvalidity = models.BigIntegerField()
    uid = models.BigIntegerField()
    size = models.BigIntegerField(default=0)
    server_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    inbound = models.ForeignKey(
        "tickets.Inbound", models.SET_NULL, null=True, blank=True, related_name="seen_as"
    )
    is_tidied = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("mail seen on the server")
        verbose_name_plural = _("mails seen on the server")
        constraints = [
            models.UniqueConstraint(fields=["folder", "uidvalidity", "uid"], name="one_row_a_uid"),
        ]
        indexes = [
            models.Index(
                fields=["folder", "attempts", "uid"], condition=Q(state="waiting"), name="mail_to_fetch"
            ),
            models.Index(
                fields=["folder", "uid"], condition=Q(state="kept", is_tidied=False), name="mail_to_tidy"
            ),
            models.Index(fields=["folder", "server_at"], name="mail_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.folder} {self.uidvalidity}/{self.uid}"


class MailSignIn(models.Model):
    """Our OAuth registration with Microsoft or Google, with which administrators connect mailboxes."""

    provider = models.CharField(
        _("provider"),
        max_length=9,
        unique=True,
        choices=[("microsoft", "Microsoft 365"), ("google", "Google")],
    )
    client_id = models.CharField(_("client id"), max_length=250)
    client_secret = EncryptedTextField(_("client secret"))
    tenant = models.CharField(
        _("tenant"),
        max_length=100,
        blank=True,
        help_text=_("Microsoft only: the directory (tenant) id. Empty works for every organisation."),
    )
    server = models.URLField(
        _("another sign-in server"),
        blank=True,
        help_text=_("Only for national clouds, such as https://login.microsoftonline.us"),
    )
    secret_expires_on = models.DateField(
        _("the secret ends on"), null=True, blank=True, help_text=_("We tell you two weeks before.")
    )

    class Meta:
        verbose_name = _("mail sign-in")
        verbose_name_plural = _("mail sign-ins")
        ordering = ["provider"]

    def __str__(self) -> str:
        return self.get_provider_display()
