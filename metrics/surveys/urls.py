"""/s/: the survey's page, and the page to opt out of surveys."""

from django.urls import path

from metrics.surveys import views

app_name = "survey"
urlpatterns = [
    path("<str:token>/", views.answer, name="answer"),
    path("off/<str:public_id>/<str:mac>/", views.unsubscribe, name="unsubscribe"),
]
