"""lxml is the oracle: what we write is what it canonicalises to."""

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from services.receipt.renderers.canonical_xml import attribute, element, text_of

# What XML 1.0 can hold.
TEXTS = st.text(
    st.one_of(
        st.sampled_from("&<>\"'\t\n\r ]"),
        st.characters(min_codepoint=0x20, exclude_categories=["Cs"]),
    ).filter(lambda letter: letter not in "\ufffe\uffff"),
    max_size=40,
)


@given(TEXTS, TEXTS)
def test_what_is_written_is_canonical_and_reads_back(text: str, value: str) -> None:
    written = element("a", element("b", text_of(text), head=attribute("c", value))).encode()

    root = etree.fromstring(written)

    assert etree.tostring(root, method="c14n", exclusive=True) == written
    assert (root[0].text or "", root[0].get("c")) == (text, value)
