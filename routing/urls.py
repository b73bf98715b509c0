"""Routing's pages, fragments and verbs, mounted at /routing/."""

from django.urls import path

from routing.views import fairness, offers, policies, presence, roster, rushes, slots, tickets, what_if

app_name = "routing"

urlpatterns = [
    path("presence/", presence.switch, name="presence"),
    path("presence/channels/", presence.channels, name="channels"),
    path("heartbeat/", presence.heartbeat, name="heartbeat"),
    path("while-away/", presence.seen, name="while_away"),
    path("offers/", offers.standing, name="offers"),
    path("offers/<int:offer_id>/left/", offers.left, name="left"),
    path("offers/<int:offer_id>/acceptance/", offers.accept, name="accept"),
    path("offers/<int:offer_id>/refusal/", offers.decline, name="decline"),
    path("tickets/<int:number>/why/", tickets.explanation, name="explanation"),
    path("tickets/<int:number>/reasons/", tickets.reasons, name="reasons"),
    path("tickets/<int:number>/assignment/", tickets.assign, name="assignment"),
    path("tickets/<int:number>/handover/", tickets.hand_over, name="handover"),
    path("tickets/<int:number>/effort/", fairness.hard, name="hard"),
    path("tickets/<int:number>/keeper/", tickets.keeper, name="keeper"),
    path("roster/", roster.show, name="roster"),
    path("roster/absences/", roster.add_absence, name="add_absence"),
    path("roster/absences/<int:leave_id>/end/", roster.remove_absence, name="remove_absence"),
    path("roster/subscription/", roster.subscribe, name="subscribe"),
    path("roster/import/", roster.bring_in, name="import_calendar"),
    path("calendar/<str:token>.ics", roster.calendar, name="calendar"),
    path("slots/", slots.board, name="slots"),
    path("slots/<int:slot_id>/booking/", slots.ask, name="ask_slot"),
    path("bookings/<int:booking_id>/answer/", slots.answer, name="answer_booking"),
    path("fairness/", fairness.ledger, name="fairness"),
    path("rushes/", rushes.board, name="rushes"),
    path("rushes/<int:ask_id>/answer/", rushes.answer, name="answer_ask"),
    path("alerts/<int:alert_id>/settled/", rushes.settle, name="settle_alert"),
    path("what-if/", what_if.board, name="what_if"),
    path("what-if/<int:trial_id>/", what_if.show, name="trial"),
    path("what-if/<int:trial_id>/progress/", what_if.progress, name="trial_progress"),
    path("what-if/<int:trial_id>/end/", what_if.stop, name="stop_trial"),
    path("rules/", policies.board, name="policies"),
    path("rules/back/", policies.roll_back, name="roll_back"),
    path("rules/<int:version>/look/", policies.look, name="look_at_policy"),
    path("rules/<int:version>/in-force/", policies.put_in_force, name="put_in_force"),
]
