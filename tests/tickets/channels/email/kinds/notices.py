"""Machines' notices for tests, as their programs write them."""

from __future__ import annotations

FROM = "Nora Field <nora@field.example>"
DAEMON = "Mail Delivery Subsystem <mailer-daemon@mx.example>"


def written(subject: str, body: str, *, sender: str = FROM, **headers: str) -> bytes:
    """Return a raw mail to the support address; a header name's underscores become dashes."""
    fields = {
        "From": sender,
        "To": "support@demo.example",
        "Subject": subject,
        "Date": "Mon, 30 Nov 2026 09:00:00 +0100",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return ("".join(f"{name}: {value}\n" for name, value in fields.items()) + f"\n{body}\n").encode()


def _parts(kind: str, *parts: tuple[str, str]) -> tuple[str, str]:
    body = "".join(f"--B\nContent-Type: {type_}; charset=utf-8\n\n{text}\n" for type_, text in parts)
    return f"{kind}; boundary=B", f"{body}--B--"


def receipt(
    disposition: str = "displayed",
    *,
    action: str = "manual-action/MDN-sent-manually",
    about: str = "x@demo.example",
    subject: str = "Read: Your request",
    **headers: str,
) -> bytes:
    fields = (
        f"Reporting-UA: outlook\nFinal-Recipient: rfc822; nora@field.example\n"
        f"Original-Message-ID: <{about}>\nDisposition: {action}; {disposition}\n"
    )
    type_, body = _parts(
        "multipart/report; report-type=disposition-notification",
        ("text/plain", "Your message was read."),
        ("message/disposition-notification", fields),
    )
    return written(subject, body, Content_Type=type_, **headers)


def report(
    action: str,
    *,
    status: str = "4.4.1",
    about: str = "x@demo.example",
    whom: str = "nora@field.example",
    sender: str = DAEMON,
    until: str = "Wed, 2 Dec 2026 09:00:00 +0100",
) -> bytes:
    fields = f"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {whom}\n"
    fields += f"Action: {action}\nStatus: {status}\n"
    fields += f"Will-Retry-Until: {until}\n" if until else ""
    type_, body = _parts(
        "multipart/report; report-type=delivery-status",
        ("text/plain", "This is a report."),
        ("message/delivery-status", fields),
        ("text/rfc822-headers", f"Message-ID: <{about}>\nSubject: Lamp\n"),
    )
    return written("Delivery Status Notification", body, sender=sender, Content_Type=type_)


def appointment(
    answer: str = "ACCEPTED", text: str = "", *, method: str = "REPLY", more: str = "", **headers: str
) -> bytes:
    event = (
        f"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:{method}\nBEGIN:VEVENT\nUID:1@x\nDTSTART:20261201T080000Z\n"
        f"DTEND:20261201T090000Z\nSUMMARY:Installation visit\n"
        f"ATTENDEE;PARTSTAT={answer}:mailto:nora@field.example\n"
        f"{more}END:VEVENT\nEND:VCALENDAR"
    )
    type_, body = _parts(
        "multipart/alternative", ("text/plain", text), (f"text/calendar; method={method}", event)
    )
    return written(f"{answer.title()}: Installation visit", body, Content_Type=type_, **headers)


LIST = {"List_Id": "<users.lists.example>", "List_Post": "<mailto:users@lists.example>", "Precedence": "list"}
AWAY = "I am out of the office until 4 December and read no mail."

NOTICES = {
    # read receipts
    "read": ("receipt", receipt()),
    "deleted": ("receipt", receipt("deleted", action="manual-action/MDN-sent-automatically")),
    "denied": ("receipt", receipt("denied")),
    "shown by a program": ("receipt", receipt(action="automatic-action/MDN-sent-automatically")),
    "with an error": ("receipt", receipt("displayed/error")),
    "in French": ("receipt", receipt(subject="Lu : Votre demande")),
    "without a date": ("receipt", receipt(Date="")),
    "to nobody's mail": ("receipt", receipt(about="")),
    "from nobody": ("receipt", receipt(From="<>")),
    "generated": ("receipt", receipt(Auto_Submitted="auto-generated")),
    "silently": ("receipt", receipt(X_Auto_Response_Suppress="All")),
    "bcc": ("receipt", receipt(subject="Lettura: Lampada")),
    # absences
    "replied": ("absence", written("Re: Lamp", AWAY, Auto_Submitted="auto-replied")),
    "vacation": ("absence", written("Lamp", AWAY, Auto_Submitted="auto-replied (vacation)")),
    "exchange": (
        "absence",
        written(
            "Automatic reply: Lamp",
            "I will be back on Monday.",
            Auto_Submitted="auto-generated",
            X_Auto_Response_Suppress="All",
            In_Reply_To="<a@demo.example>",
        ),
    ),
    "exchange fr": (
        "absence",
        written("Réponse automatique : Lampe", "Je suis en congé.", Auto_Submitted="auto-generated"),
    ),
    "message automatique": (
        "absence",
        written("Message automatique : Lampe", "Je suis absent jusqu'au 5 mai."),
    ),
    "autoreply": ("absence", written("Away", AWAY, X_Autoreply="yes")),
    "autorespond": ("absence", written("Away", AWAY, X_Autorespond="Lamp")),
    "apple": ("absence", written("Re: Lamp", AWAY, X_Apple_Autoreply="1")),
    "no header": ("absence", written("Absence du bureau : Lampe", "Je suis absente jusqu'au 5.")),
    "no header en": ("absence", written("Out of Office: Lamp", AWAY)),
    "no header de": (
        "absence",
        written("Abwesenheitsnotiz: Lampe", "Ich bin bis 5. Mai im Urlaub, abwesend."),
    ),
    "no header es": ("absence", written("Respuesta automática: lámpara", "Estoy de vacaciones.")),
    "as an answer": (
        "answer",
        written("Re: Lamp", "We have received your mail.", Auto_Submitted="auto-replied"),
    ),
    # appointments
    "accepted": ("appointment", appointment(text="Nora Field has accepted this invitation.")),
    "declined": ("appointment", appointment("DECLINED", "Nora Field has declined this invitation.")),
    "tentative": ("appointment", appointment("TENTATIVE")),
    "outlook": ("appointment", appointment()),
    "the line alone": ("appointment", appointment(text="Accepted: Installation visit")),
    "accepté": ("appointment", appointment(text="Nora Field a accepté cette invitation.")),
    "refusé": ("appointment", appointment("DECLINED", "Nora Field a refusé cette invitation.")),
    "zugesagt": ("appointment", appointment(text="Nora Field hat diese Einladung angenommen.")),
    "google": (
        "appointment",
        appointment(
            text=(
                "Nora Field has accepted this invitation.\n\n"
                "Installation visit\nTuesday 1 Dec 2026 ⋅ 9am – 10am\n\n"
                "Nora Field\n\nInvitation from Google Calendar: https://calendar.google.com/calendar/\n\n"
                "You are receiving this email because you are an attendee."
            )
        ),
    ),
    "with labels": (
        "appointment",
        appointment(text="Nora accepted the meeting\n\nWhen: Tuesday 09:00\nWhere: Paris"),
    ),
    "empty comment": ("appointment", appointment(more="COMMENT:\n")),
    "summary": ("appointment", appointment(text="Installation visit")),
    # reports
    "delayed": ("delay", report("delayed")),
    "delayed, no end": ("delay", report("delayed", until="")),
    "delayed 4.2.2": ("delay", report("delayed", status="4.2.2")),
    "delayed elsewhere": ("delay", report("delayed", whom="paul@else.example")),
    "delayed from nobody": ("delay", report("delayed", sender="<>")),
    "delayed by postmaster": ("delay", report("delayed", sender="postmaster@mx.example")),
    "exim": (
        "delay",
        written(
            "Warning: message 1rAbCd-0001Xy-2Z delayed 24 hours",
            "A message that you sent has not yet been delivered.\n"
            "No action is required: attempts will continue.",
            sender="Mail Delivery System <Mailer-Daemon@mx.example>",
            Auto_Submitted="auto-replied",
        ),
    ),
    "delivered": ("delivered", report("delivered", status="2.0.0", until="")),
    "delivered 2.1.5": ("delivered", report("delivered", status="2.1.5", until="")),
    "relayed": ("delivered", report("relayed", status="2.0.0", until="")),
    "relayed 2.1.9": ("delivered", report("relayed", status="2.1.9", until="")),
    "expanded": ("delivered", report("expanded", status="2.0.0", until="")),
    "expanded 2.1.5": ("delivered", report("expanded", status="2.1.5", until="")),
    # lists
    "confirm": (
        "list",
        written("confirm 3f6b8d1c2a", "Reply to this.", sender="users-confirm+3f6b@lists.example", **LIST),
    ),
    "request": (
        "list",
        written("Welcome to the users list", "Welcome!", sender="users-request@lists.example", **LIST),
    ),
    "digest": (
        "list",
        written(
            "users Digest, Vol 3, Issue 2",
            "Today's topics: lamps",
            sender="users-request@lists.example",
            **LIST,
        ),
    ),
    "mailman": (
        "list",
        written(
            "You have been unsubscribed",
            "Bye.",
            sender="users-bounces@lists.example",
            X_List_Administrivia="yes",
            **LIST,
        ),
    ),
    "administrivia": (
        "list",
        written(
            "2 users moderator requests waiting",
            "…",
            sender="users-owner@lists.example",
            X_List_Administrivia="yes",
            List_Id="<users.lists.example>",
        ),
    ),
    "letter": (
        "list",
        written(
            "Our spring colours",
            "New lamps!",
            sender="Shop <shop@shop.example>",
            Precedence="bulk",
            List_Unsubscribe="<https://shop.example/bye>",
        ),
    ),
    "newsletter": (
        "list",
        written(
            "News in May", "…", sender="newsletter@shop.example", List_Unsubscribe="<mailto:bye@shop.example>"
        ),
    ),
    "campaign": (
        "list",
        written(
            "Colours for spring",
            "…",
            sender="Shop <hello@shop.example>",
            List_Id="<l.shop.example>",
            List_Unsubscribe="<https://shop.example/bye>",
            List_Unsubscribe_Post="List-Unsubscribe=One-Click",
            Feedback_ID="1:2:shop",
        ),
    ),
    "sympa": (
        "list",
        written(
            "Bienvenue dans la liste lampes", "…", sender="sympa@lists.example", List_Id="<l.lists.example>"
        ),
    ),
    "majordomo": (
        "list",
        written(
            "Confirmation for subscribe", "…", sender="majordomo@lists.example", List_Id="<l.lists.example>"
        ),
    ),
    "groups": (
        "list",
        written("Digest for users@lists.example", "…", sender="noreply@lists.example", **LIST),
    ),
    "subscribed": (
        "list",
        written("Subscription confirmed", "…", sender="no-reply@lists.example", List_Id="<l.lists.example>"),
    ),
    "help": (
        "list",
        written(
            "Your message to users awaits moderator approval",
            "…",
            sender="users-bounces@lists.example",
            **LIST,
        ),
    ),
}
