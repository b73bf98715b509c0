"""The paths of tickets under /api/v1/."""

from django.urls import path

from tickets.api import views

app_name = "api"
urlpatterns = [
    path("tickets/", views.TicketList.as_view(), name="tickets"),
    path("tickets/<int:number>/", views.TicketDetail.as_view(), name="ticket"),
    path("tickets/<int:number>/state/", views.TicketState.as_view(), name="ticket_state"),
    path("tickets/<int:number>/spam/", views.TicketSpam.as_view(), name="ticket_spam"),
    path("tickets/<int:number>/messages/", views.MessageList.as_view(), name="messages"),
    path("customers/", views.CustomerList.as_view(), name="customers"),
    path("customers/<slug:public_id>/", views.CustomerDetail.as_view(), name="customer"),
]
