"""Long texts become passages, and nothing that a writer types becomes HTML."""

from portal.incident.texts import read_text, unsafe_links


def test_a_text_is_cut_at_its_headings() -> None:
    text = read_text("# Title\n\nFirst.\n\n## One\n\nA\n\n## Two\n\nB\n")
    assert text.title == "Title"
    assert text.lead == '<p class="govuk-body">First.</p>\n'
    assert [(passage.anchor, passage.title) for passage in text.passages] == [("part-1", "One"), ("part-2", "Two")]


def test_html_and_pictures_stay_words() -> None:
    lead = read_text("<script>alert(1)</script>\n\n![x](https://elsewhere.example/x.png)").lead
    assert "<script" not in lead
    assert "<img" not in lead


def test_lists_and_links_wear_our_look() -> None:
    lead = read_text("- one\n- [two](/faq)\n").lead
    assert '<ul class="govuk-list govuk-list--bullet">' in lead
    assert '<a href="/faq" class="govuk-link">' in lead


def test_only_https_and_own_pages_are_linked() -> None:
    safe = "[a](/faq) [b](https://x.example/y) [c](#part-2)"
    assert unsafe_links(safe) == []
    assert unsafe_links("[c](http://x.example) [d](//x.example) [e](/s?to=a@mail.example)") == [
        "http://x.example",
        "//x.example",
        "/s?to=a@mail.example",
    ]
