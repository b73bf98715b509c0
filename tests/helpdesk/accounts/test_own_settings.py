"""A person's own settings."""

from django.urls import reverse

from tickets.models import QueueMembership

CHOSEN = {"name": "Alice", "language": "en", "time_zone": "Europe/Paris", "theme": ""}


def test_an_agent_chooses_to_get_customers_messages_by_mail(cast, client):
    client.force_login(cast.alice)
    page = reverse("my_settings")
    for chosen in (True, False):
        assert client.post(page, {**CHOSEN, **({"wants_mail": "on"} if chosen else {})}).status_code == 302
        wished = QueueMembership.objects.filter(user=cast.alice).values_list("wants_mail", flat=True)
        assert set(wished) == {chosen}
        assert ("checked" in client.get(page).content.decode().partition("wants_mail")[2][:200]) == chosen


def test_another_choice_leaves_the_mails_of_each_queue_as_they_were(cast, client):
    first, *others = QueueMembership.objects.filter(user=cast.alice)
    assert others
    QueueMembership.objects.filter(pk=first.pk).update(wants_mail=True)
    client.force_login(cast.alice)
    client.post(reverse("my_settings"), {**CHOSEN, "theme": "dark", "wants_mail": "on"})
    wished = QueueMembership.objects.filter(user=cast.alice).values_list("wants_mail", flat=True)
    assert sorted(wished) == [False] * len(others) + [True]


def test_who_works_in_no_queue_is_not_asked(cast, client):
    QueueMembership.objects.filter(user=cast.alice).delete()
    client.force_login(cast.alice)
    page = client.get(reverse("my_settings")).content.decode()
    assert "wants_mail" not in page
    assert "You are not a member of any queue yet" in page
