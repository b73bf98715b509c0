"""/api/v1/ of routing."""

from django.urls import path

from routing.api import views

app_name = "routing_api"
urlpatterns = [path("tickets/<int:number>/assignment/", views.TicketAssignment.as_view(), name="assignment")]
