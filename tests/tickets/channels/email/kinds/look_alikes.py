"""Mails of people, monitors and forms that look like notices: each opens a ticket."""

from __future__ import annotations

from tests.tickets.channels.email.kinds.notices import LIST, appointment, written

QUESTION = "Where is my order? I ordered a lamp last week."

PEOPLE = {
    "monitoring": written(
        "PROBLEM: disk full on db1",
        "Host db1 is down.",
        sender="nagios@mon.example",
        Auto_Submitted="auto-generated",
    ),
    "monitoring, auto": written(
        "Auto: disk full", "Look at db1.", sender="root@db1.example", Auto_Submitted="auto-generated"
    ),
    "response time": written(
        "Automatic response time alert", "9 s.", sender="m@mon.example", Auto_Submitted="auto-generated"
    ),
    "monitoring by list": written(
        "[Alert] shop is down",
        "503",
        sender="alerts@mon.example",
        Precedence="bulk",
        List_Unsubscribe="<https://mon.example/bye>",
    ),
    "monitoring with a list id": written(
        "[FIRING] HighLoad", "…", sender="noreply@mon.example", List_Id="<a.mon.example>"
    ),
    "cron": written(
        "Cron <root@db1> backup",
        "failed",
        sender="root@db1.example",
        Auto_Submitted="auto-generated",
        X_Cron_Env="<SHELL=/bin/sh>",
    ),
    "form": written(
        "Contact form",
        QUESTION,
        sender="www@shop.example",
        Auto_Submitted="auto-generated",
        Reply_To="dana@petit.example",
    ),
    "form by list": written(
        "Spring",
        QUESTION,
        sender="www@shop.example",
        Precedence="bulk",
        List_Unsubscribe="<https://shop.example/bye>",
        Reply_To="dana@petit.example",
    ),
    "shop": written(
        "Order 123", "A new order.", sender="noreply@shop.example", Auto_Submitted="auto-generated"
    ),
    "invoice": written(
        "Your invoice 88",
        "See the file.",
        sender="billing@supplier.example",
        Precedence="bulk",
        List_Unsubscribe="<https://supplier.example/bye>",
    ),
    "discussion": written("[users] lamps", "Does anybody know?", **LIST),
    "digest as a subject": written("users Digest, Vol 3, Issue 2 is broken", "Who mends it?", **LIST),
    "via": written("Lamp", QUESTION, sender="Dana via Users <users-bounces@lists.example>", **LIST),
    "group": written(
        "Lamp",
        QUESTION,
        sender="support-noreply@lists.example",
        X_Original_Sender="dana@petit.example",
        **LIST,
    ),
    "accepted with words": appointment(text="Please ring twice, the bell is broken."),
    "accepted with a note": appointment(
        text='Nora Field has accepted this invitation with this note:\n\n"After ten"'
    ),
    "accepted and more": appointment(text="I accepted the invitation. Please bring a ladder"),
    "accepted with a comment": appointment(more="COMMENT:Please ring twice\n"),
    "another time": appointment("TENTATIVE", method="COUNTER"),
    "asks about an absence": written(
        "Out of office: how?", "I am out of the office next week. How do I switch it on?"
    ),
    "away and orders": written("Absence du bureau : lundi", "Je suis absente lundi, merci de livrer mardi."),
    "away and my order": written(
        "Out of office: Monday", "I am away on Monday, so keep my order until Tuesday."
    ),
    "vacation rental": written("Vacation rental", "We will be on vacation from May. Do you deliver there?"),
    "read this": written("Read: the manual is wrong", "Page 3 says two screws."),
    "read receipt asked": written("Read receipt", "You never sent me one. Did you get my mail?"),
    "accepted offer": written("Accepted: your offer 12", "We accept. Please start."),
    "delayed parcel": written("Delayed: my parcel", "It is delayed again. Why?"),
    "delivered parcel": written("Delivery Status Notification", "What does this mean? I never got my lamp."),
    "forwards a report": written(
        "Fwd: Delayed",
        "--B\nContent-Type: text/plain\n\nWhat is this?\n--B\nContent-Type: message/delivery-status\n\n"
        "Final-Recipient: rfc822; a@b.example\nAction: delayed\nStatus: 4.4.1\n--B--",
        Content_Type="multipart/mixed; boundary=B",
    ),
    "subscribed": written(
        "Subscription", "How do I end my subscription?", List_Unsubscribe="<mailto:x@petit.example>"
    ),
    "rule of a mailbox": written("Fw: Lamp", QUESTION, X_MS_Exchange_Inbox_Rules_Loop="nora@field.example"),
    "away for the delivery": written("Absence du bureau : mardi", "Je suis absent mardi pour la livraison."),
    "campaign of a person": written(
        "Re: Lamp",
        QUESTION,
        In_Reply_To="<a@demo.example>",
        List_Unsubscribe="<https://crm.example/bye>",
        List_Unsubscribe_Post="List-Unsubscribe=One-Click",
        Feedback_ID="1:2:crm",
    ),
    "delayed, a person": written("Warning: message delayed", "My message is delayed, says your page. Why?"),
    "delayed for good": written(
        "Warning: message 1rAbCd-0001Xy-2Z delayed 24 hours",
        "It is delayed. Permanent error: 550 user unknown.",
        sender="Mail Delivery System <Mailer-Daemon@mx.example>",
        Auto_Submitted="auto-replied",
    ),
    "quiet": written("Lamp", QUESTION, X_Auto_Response_Suppress="All", Precedence="bulk"),
}
