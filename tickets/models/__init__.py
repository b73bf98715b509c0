"""What was said: customers, channels, the ledger, tickets, messages, the outbox and the event log."""

from tickets.models.api_answer import ApiAnswer
from tickets.models.apikey import ApiKey
from tickets.models.article import Article
from tickets.models.call import Call, Callback
from tickets.models.channel import Channel
from tickets.models.chat import ChatSession
from tickets.models.company import Company
from tickets.models.contact import Contact
from tickets.models.customer import Customer, CustomerDetails, CustomerMerge, Identity, Organisation
from tickets.models.draft import Draft
from tickets.models.event import AuditSeal, Event
from tickets.models.handover import Handover
from tickets.models.inbound import Inbound, InboundRaw
from tickets.models.link import AccessLink
from tickets.models.macro import Macro, MailText, Signature
from tickets.models.mailbox import Mailbox, MailFolder, MailSeen, MailSignIn
from tickets.models.message import Attachment, MailReference, Message
from tickets.models.motive import Motive
from tickets.models.outbound import Outbound, SentMail
from tickets.models.promise import Promise
from tickets.models.queue import Queue, QueueMembership
from tickets.models.rate import RateBucket
from tickets.models.reader import Reader
from tickets.models.signing import SigningKey
from tickets.models.sla import Calendar, Holiday, OpeningInterval, OpeningRule, SlaPolicy
from tickets.models.ticket import Participant, Tag, Ticket, TicketLink

__all__ = [
    "AccessLink",
    "ApiAnswer",
    "ApiKey",
    "Article",
    "Attachment",
    "AuditSeal",
    "Calendar",
    "Call",
    "Callback",
    "Channel",
    "ChatSession",
    "Company",
    "Contact",
    "Customer",
    "CustomerDetails",
    "CustomerMerge",
    "Draft",
    "Event",
    "Handover",
    "Holiday",
    "Identity",
    "Inbound",
    "InboundRaw",
    "Macro",
    "MailFolder",
    "MailReference",
    "MailSeen",
    "MailSignIn",
    "MailText",
    "Mailbox",
    "Message",
    "Motive",
    "OpeningInterval",
    "OpeningRule",
    "Organisation",
    "Outbound",
    "Participant",
    "Promise",
    "Queue",
    "QueueMembership",
    "RateBucket",
    "Reader",
    "SentMail",
    "Signature",
    "SigningKey",
    "SlaPolicy",
    "Tag",
    "Ticket",
    "TicketLink",
]
