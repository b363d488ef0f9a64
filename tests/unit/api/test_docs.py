"""The words of the API page."""

from __future__ import annotations

from api.docs import code_spans


def test_backticks_become_code_and_everything_else_is_text() -> None:
    text = 'Send `{"url"}`, never <script>`<b>`</script>.'
    assert code_spans(text) == (
        "Send <code>{&#34;url&#34;}</code>, never &lt;script&gt;<code>&lt;b&gt;</code>&lt;/script&gt;."
    )
