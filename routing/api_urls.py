"""/api/v1/ of routing."""

from django.urls import path

from routing import api

app_name = "routing_api"
urlpatterns = [path("tickets/<int:number>/assignment/", api.TicketAssignment.as_view(), name="assignment")]
