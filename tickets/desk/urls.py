"""The desk's URLs, mounted at /admin/desk/."""

from django.urls import path

from tickets.desk.views import (
    actions,
    composer,
    files,
    home,
    new,
    people,
    quarantine,
    search,
    ticket,
)

app_name = "desk"

urlpatterns = [
    path("", home.home, name="home"),
    path("<int:number>/", ticket.ticket_page, name="ticket"),
    path("list/<slug:slug>/", home.work_list, name="list"),
    path("search/", search.find_tickets, name="search"),
    path("people/", search.find_customers, name="people"),
    path("new/", new.create_ticket, name="new"),
    path("file/<slug:public_id>/", files.download, name="file"),
    path("picture/", ticket.picture, name="picture"),
    path("quarantine/", quarantine.show_quarantine, name="quarantine"),
    path("quarantine/<int:inbound_id>/raw/", quarantine.download_raw, name="raw"),
    path("quarantine/<int:inbound_id>/retry/", quarantine.retry, name="retry"),
    path("quarantine/<int:inbound_id>/dismiss/", quarantine.dismiss, name="dismiss"),
    path("quarantine/<int:inbound_id>/ticket/", quarantine.create_ticket, name="by_hand"),
    path("outgoing/<int:outbound_id>/again/", quarantine.send_again, name="send_again"),
    path("outgoing/<int:outbound_id>/aside/", quarantine.set_aside, name="set_aside"),
    path("<int:number>/head/", ticket.head, name="head"),
    path("<int:number>/thread/", ticket.timeline, name="thread"),
    path("<int:number>/card/", ticket.customer_card, name="card"),
    path("<int:number>/formatted/<int:seq>/", ticket.formatted, name="formatted"),
    path("<int:number>/readers/", people.readers, name="readers"),
    path("<int:number>/draft/", composer.save_draft, name="draft"),
    path("<int:number>/draft/files/", composer.attach, name="attach"),
    path("<int:number>/draft/files/<slug:public_id>/", composer.detach, name="detach"),
    path("<int:number>/macros/", composer.macros, name="macros"),
    path("<int:number>/send/", composer.send, name="send"),
    path("<int:number>/send/<int:seq>/back/", composer.take_back, name="take_back"),
    path("<int:number>/details/", actions.show_details, name="details"),
    path("<int:number>/state/", actions.set_state, name="state"),
    path("<int:number>/subject/", actions.set_subject, name="subject"),
    path("<int:number>/queue/", actions.set_queue, name="queue"),
    path("<int:number>/priority/", actions.set_priority, name="priority"),
    path("<int:number>/motive/", actions.set_motive, name="motive"),
    path("<int:number>/tags/", actions.set_tags, name="tags"),
    path("<int:number>/spam/", actions.set_spam, name="spam"),
    path("<int:number>/people/<int:participant_id>/", actions.decide_participant, name="decide"),
    path("<int:number>/identities/", people.add_identity, name="add_identity"),
    path("<int:number>/identities/<int:identity_id>/mail/", people.allow_mail, name="allow_mail"),
    path("<int:number>/who/", people.set_customer, name="say_who"),
    path("<int:number>/notes/", people.set_notes, name="notes"),
]
