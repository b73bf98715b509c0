"""HTML as lines of text."""

import pytest

from tickets.channels.email.parsing.html.text import html_to_text

TEXTS = {
    "<p>one</p><p>two</p>": "one\n\ntwo",
    "one<br>two<br><br>three": "one\ntwo\n\nthree",
    "<div>one</div><div>two</div>": "one\ntwo",
    "one\n  two": "one two",
    "<pre>one\n  two</pre>": "one\n  two",
    "a&nbsp;b &amp; &lt;c&gt; &eacute;": "a b & <c> é",
    "<ul><li>one</li><li>two</li></ul>": "- one\n- two",
    "<ol><li>one<li>two</ol>": "1. one\n2. two",
    "<blockquote>one<blockquote>two</blockquote></blockquote>three": "> one\n>\n> > two\n\nthree",
    "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>": "a b\nc",
    '<a href="https://a.example/x">here</a>': "here <https://a.example/x>",
    '<a href="https://a.example/">a.example</a>': "a.example",
    '<a href="mailto:a@b.example">Dana</a>': "Dana",
    '<img src="x" alt="the lamp">': "[the lamp]",
    "one<hr>two": "one\n\n--------------------\n\ntwo",
    "<style>p{}</style><script>x()</script><title>no</title>yes": "yes",
    "<!-- <p>no</p> -->yes<!--[if mso]>no<![endif]-->": "yes",
    '<p title="a > b">yes</p>': "yes",
    "<p title=it's>yes</p>": "yes",
    "2 < 3 and 4 > 3": "2 < 3 and 4 > 3",
    "<p>never <b>closed": "never closed",
    "<unknown>yes</unknown>": "yes",
    "text <": "text <",
    "text <!-- never closed": "text <!-- never closed",
    "": "",
}


@pytest.mark.parametrize("html", TEXTS)
def test_html_becomes_text(html):
    assert html_to_text(html).text == TEXTS[html]


MARKS = {
    '<p>new</p><div id="divRplyFwdMsg">From: x</div>': "cut",
    '<p>new</p><div id="x_divRplyFwdMsg">From: x</div>': "cut",
    '<p>new</p><div class="yahoo_quoted_123">old</div>': "cut",
    '<p>new</p><div data-marker="__QUOTED_TEXT__">old</div>': "cut",
    '<p>new</p><div class="a gmail_attr b">On … wrote</div>': "attribution",
    '<p>new</p><div class="moz-cite-prefix">On … wrote</div>': "attribution",
    "<p>new</p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt'>From</div>": "header",
    '<p>new</p><div class="mine">more</div>': "",
}


@pytest.mark.parametrize("html", MARKS)
def test_marks_of_mail_programs_are_noted(html):
    assert "".join(html_to_text(html).marks.values()) == MARKS[html]
