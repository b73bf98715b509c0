"""The customers' pages."""

from django.urls import path, re_path

from tickets.portal import all_requests, callback_form, help, home, request_form, request_page

app_name = "portal"
ONE = r"^requests/(?P<public_id>[a-z0-9]{14})/"

urlpatterns = [
    path("", home.home, name="home"),
    path("request/", request_form.request_form, name="request"),
    path("request/thanks/", request_form.thank, name="thanks"),
    path("callback/", callback_form.callback_form, name="callback"),
    path("r/<str:token>/", request_page.enter, name="enter"),
    path("requests/", all_requests.requests, name="requests"),
    path("requests/asked/", all_requests.asked, name="asked"),
    path("requests/enter/<str:token>/", all_requests.enter_all, name="enter_all"),
    path("requests/open/", all_requests.open_all, name="open_all"),
    path("requests/forget/", all_requests.forget_all, name="forget_all"),
    path("requests/forgotten/", all_requests.forgotten, name="forgotten"),
    re_path(ONE + "$", request_page.request_page, name="request_page"),
    re_path(ONE + "solved/$", request_page.solved, name="solved"),
    re_path(ONE + "not-solved/$", request_page.not_solved, name="not_solved"),
    re_path(ONE + "choice/$", request_page.choose, name="choose"),
    re_path(ONE + "mark/$", request_page.mark, name="mark"),
    re_path(ONE + "talk/$", request_page.talk, name="talk"),
    re_path(ONE + "callback/$", callback_form.callback_of_request, name="request_callback"),
    re_path(ONE + "forget/$", request_page.forget, name="forget"),
    re_path(ONE + r"files/(?P<file_id>[a-z0-9]{14})/$", request_page.attachment, name="attachment"),
    path("help/", help.questions, name="help"),
    path("help/<slug:slug>/", help.article, name="article"),
]
