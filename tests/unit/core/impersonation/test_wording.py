"""Text as it is searched."""

from mailock.core.impersonation.wording import fold


def test_case_accents_and_signs_are_folded_away() -> None:
    wording = fold("Bestätigen Sie: IHR Konto!\r\nDéjà-vu", 1000)
    assert wording.text == " bestatigen sie ihr konto deja-vu "
    assert wording.places(frozenset({"konto", "absent"})) == {"konto": [3]}
    assert wording.words == 5
    assert not wording.disguised


def test_a_word_that_mixes_scripts_is_read_as_it_is_taken_and_told() -> None:
    wording = fold("Your Mісrosоft acc\u200bount", 1000)
    assert " microsoft account " in wording.text
    assert wording.disguised == ("Mісrosоft", "account")


def test_honest_text_of_another_script_is_not_disguised() -> None:
    text = "Уважаемый клиент, 您的邮箱 お客様 \u2060soft\u00adhyphen נא"
    assert fold("Уважаемый клиент 您的邮箱 お客様", 1000).disguised == ()
    assert fold(text, 1000).disguised == ("softhyphen",)


def test_a_long_text_is_cut() -> None:
    assert fold("word " * 1000, 50).words == 10
