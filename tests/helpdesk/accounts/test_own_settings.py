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


def test_who_works_in_no_queue_is_not_asked(cast, client):
    QueueMembership.objects.filter(user=cast.alice).delete()
    client.force_login(cast.alice)
    assert "wants_mail" not in client.get(reverse("my_settings")).content.decode()
