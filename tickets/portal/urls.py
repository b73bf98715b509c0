"""The customers' pages."""

from django.urls import path, re_path

from tickets.portal import all_requests, callback_form, help, request_form, request_page

app_name = "portal"
ONE = r"^requests/(?P<public_id>[a-z0-9]{14})/"

urlpatterns = [
    path("", help.home, name="home"),
    path("request/", request_form.request_form, name="request"),
    path("request/thanks/", request_form.show_thanks, name="thanks"),
    path("callback/", callback_form.callback_form, name="callback"),
    path("r/<str:token>/", request_page.enter, name="enter"),
    path("requests/", all_requests.list_requests, name="requests"),
    path("requests/asked/", all_requests.show_asked, name="asked"),
    path("requests/enter/<str:token>/", all_requests.enter_all, name="enter_all"),
    path("requests/open/", all_requests.open_all, name="open_all"),
    path("requests/forget/", all_requests.forget_all, name="forget_all"),
    path("requests/forgotten/", all_requests.show_forgotten, name="forgotten"),
    re_path(ONE + "$", request_page.request_page, name="request_page"),
    re_path(ONE + "solved/$", request_page.close_request, name="solved"),
    re_path(ONE + "not-solved/$", request_page.reopen_request, name="not_solved"),
    re_path(ONE + "choice/$", request_page.answer_question, name="choose"),
    re_path(ONE + "mark/$", request_page.show_mark, name="mark"),
    re_path(ONE + "talk/$", request_page.redirect_to_chat, name="talk"),
    re_path(ONE + "callback/$", callback_form.request_callback_form, name="request_callback"),
    re_path(ONE + "forget/$", request_page.forget, name="forget"),
    re_path(ONE + r"files/(?P<file_id>[a-z0-9]{14})/$", request_page.attachment, name="attachment"),
    path("help/", help.questions, name="help"),
    path("help/<slug:slug>/", help.article, name="article"),
]
