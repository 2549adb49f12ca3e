import pytest

from chassis.sealing import BrokenSeal, Sealer

PAYER = {"full_name": "Nguyễn Văn An", "email": "an@example.vn"}
OLD, NEW = b"o" * 32, b"n" * 32


def test_only_the_holder_of_the_key_reads_what_was_sealed() -> None:
    sealed = Sealer({"2026": NEW}, "2026").seal(PAYER, purpose="payer")

    assert "An" not in sealed
    assert Sealer({"2026": NEW}, "2026").unseal(sealed, purpose="payer") == PAYER
    with pytest.raises(BrokenSeal):
        Sealer({"2026": OLD}, "2026").unseal(sealed, purpose="payer")


def test_a_seal_for_one_purpose_does_not_open_for_another() -> None:
    sealer = Sealer({"2026": NEW}, "2026")

    with pytest.raises(BrokenSeal):
        sealer.unseal(sealer.seal(PAYER, purpose="payer"), purpose="contact")


def test_what_an_older_key_sealed_still_opens() -> None:
    sealed = Sealer({"2025": OLD}, "2025").seal(PAYER, purpose="payer")

    assert Sealer({"2025": OLD, "2026": NEW}, "2026").unseal(sealed, purpose="payer") == PAYER


@pytest.mark.parametrize("text", ["", "s1.2026.a.b", "s2.2026.AAAA.AAAA", "s1.x.AAAA.AAAA", "...."])
def test_text_that_is_no_seal_is_refused(text: str) -> None:
    with pytest.raises(BrokenSeal):
        Sealer({"2026": NEW}, "2026").unseal(text, purpose="payer")
