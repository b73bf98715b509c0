"""Routing's fragments and verbs, mounted at /routing/."""

from django.urls import path

from routing.views import offers, presence, tickets

app_name = "routing"

urlpatterns = [
    path("presence/", presence.switch, name="presence"),
    path("heartbeat/", presence.heartbeat, name="heartbeat"),
    path("offers/", offers.standing, name="offers"),
    path("offers/<int:offer_id>/left/", offers.left, name="left"),
    path("offers/<int:offer_id>/acceptance/", offers.accept, name="accept"),
    path("offers/<int:offer_id>/refusal/", offers.decline, name="decline"),
    path("tickets/<int:number>/why/", tickets.explanation, name="explanation"),
    path("tickets/<int:number>/reasons/", tickets.reasons, name="reasons"),
    path("tickets/<int:number>/assignment/", tickets.assign, name="assignment"),
    path("tickets/<int:number>/handover/", tickets.hand_over, name="handover"),
]
