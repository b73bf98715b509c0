"""The first run: a demonstration to walk around in, with a password that no other installation has."""

import http.cookiejar
import re
import urllib.parse
import urllib.request

from tests.helpdesk.embedded.program import Program, run


def sign_in(tandem: Program, email: str, password: str) -> str:
    """Sign in as a browser does, and return the address of the page that follows."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    address = f"http://127.0.0.1:{tandem.port}/accounts/login/"
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', opener.open(address).read().decode())
    assert token
    form = {"csrfmiddlewaretoken": token[1], "login": email, "password": password}
    request = urllib.request.Request(address, urllib.parse.urlencode(form).encode(), {"Referer": address})
    with opener.open(request, timeout=60) as answer:
        found: str = answer.geturl()
        return found


def test_the_first_run_fills_in_the_demonstration_and_tells_its_logins(tandem: Program):
    tandem.environment["TANDEM_DEMO"] = "1"
    tandem.start()
    assert "alice@demo.example" in tandem.output
    printed = re.search(r"Demo logins, password (\S+):", tandem.output)
    assert printed
    assert "/accounts/login" not in sign_in(tandem, "alice@demo.example", printed[1])
    assert "/accounts/login" in sign_in(tandem, "admin@demo.example", "tandem-demo")
    tandem.end()
    assert printed[1] in run(tandem.data, "demo_logins").stdout
    again = run(tandem.data, "load_demo")
    assert "not empty" in again.stdout
