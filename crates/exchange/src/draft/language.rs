//! The language that texts are in, where their file does not say: by the letters
//! that only it has, else by its commonest words.

/// Scripts that few languages share, by the first and last of their letters.
const SCRIPTS: [(char, char, &str); 14] = [
    ('\u{3040}', '\u{30ff}', "ja"),
    ('\u{ac00}', '\u{d7af}', "ko"),
    ('\u{4e00}', '\u{9fff}', "zh"),
    ('\u{0e00}', '\u{0e7f}', "th"),
    ('\u{0e80}', '\u{0eff}', "lo"),
    ('\u{1000}', '\u{109f}', "my"),
    ('\u{1780}', '\u{17ff}', "km"),
    ('\u{1200}', '\u{139f}', "am"),
    ('\u{0900}', '\u{097f}', "hi"),
    ('\u{0980}', '\u{09ff}', "bn"),
    ('\u{0600}', '\u{06ff}', "ar"),
    ('\u{0590}', '\u{05ff}', "he"),
    ('\u{0370}', '\u{03ff}', "el"),
    ('\u{0400}', '\u{04ff}', "ru"),
];

/// The commonest words of languages that share their letters, those of
/// questionnaires among them. A word of two languages counts for both.
const WORDS: [(&str, &str); 10] = [
    (
        "en",
        "the of and you your is are was how what which when where who do does did have has to in \
         for with this that please name age yes no many much often any other not from enter select",
    ),
    (
        "fr",
        "le la les des du et vous votre vos est sont quel quelle combien dans pour avec ce cette \
         nom âge oui non une un à où qui que pas autre êtes avez nombre",
    ),
    (
        "es",
        "el la los las del y usted su sus es son qué cuál cuántos cuántas en para con este esta \
         nombre edad sí no una un dónde quién que otro tiene cómo número",
    ),
    (
        "pt",
        "o os as da do dos das e você seu sua é são qual quantos quantas em para com este esta \
         nome idade sim não uma um onde quem que outro tem como número",
    ),
    (
        "de",
        "der die das und sie ihr ihre ist sind wie was welche wann wo wer haben hat zu mit für \
         nicht ein eine ja nein alter viele oder von bitte andere",
    ),
    (
        "it",
        "il lo gli le di e lei suo sua è sono quale quanti quante in per con questo questa nome \
         età sì no una un dove chi che altro ha come numero",
    ),
    (
        "nl",
        "de het een en u uw is zijn hoe wat welke wanneer waar wie heeft hebt te in voor met dit \
         dat naam leeftijd ja nee andere niet van veel",
    ),
    (
        "id",
        "yang dan anda apakah berapa di untuk dengan ini itu nama umur usia ya tidak atau dari \
         siapa kapan lainnya ada adalah jenis",
    ),
    (
        "sw",
        "na ya wa ni je kwa katika una jina umri ndiyo hapana ngapi gani nini nani wapi lini \
         nyingine au hii kama",
    ),
    (
        "vi",
        "của không có bạn bao nhiêu là và cho tên tuổi người nào này được khác phải anh chị ông bà \
         cua khong ban nhieu ten tuoi nguoi nao nay duoc khac phai",
    ),
];

/// The language of texts; `None` where nothing says it.
pub(crate) fn recognized<'t>(texts: impl Iterator<Item = &'t str>) -> Option<&'static str> {
    let mut latin = 0_usize;
    let mut scripts = [0_usize; SCRIPTS.len()];
    let mut words = [0_usize; WORDS.len()];
    for text in texts {
        for letter in text.chars().filter(|letter| letter.is_alphabetic()) {
            match SCRIPTS.iter().position(|(from, to, _)| (*from..=*to).contains(&letter)) {
                Some(script) => scripts[script] += 1,
                None => latin += 1,
            }
        }
        let lower = text.to_lowercase();
        for word in lower.split(|next: char| !next.is_alphabetic()).filter(|one| !one.is_empty()) {
            for (count, (code, known)) in words.iter_mut().zip(WORDS) {
                let own = *code == *"vi" && word.contains(is_vietnamese);
                *count += usize::from(own || known.split_whitespace().any(|one| one == word));
            }
        }
    }
    // Japanese is written with Chinese letters as well.
    let own = scripts.iter().sum::<usize>();
    if own >= latin && own > 0 {
        let most = if scripts[0] * 10 >= own {
            Some(0)
        } else {
            scripts.iter().enumerate().max_by_key(|(_, count)| **count).map(|it| it.0)
        };
        return most.and_then(|place| SCRIPTS.get(place)).map(|(_, _, code)| *code);
    }
    let (most, count) = words.iter().enumerate().rev().max_by_key(|(_, count)| **count)?;
    (*count > 0).then(|| WORDS.get(most).map(|(code, _)| *code)).flatten()
}

/// Letters that are Vietnamese only, or hardly anything else.
fn is_vietnamese(letter: char) -> bool {
    ('\u{1ea0}'..='\u{1ef9}').contains(&letter) || "ăđơư".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::recognized;

    #[test]
    fn texts_say_their_language() {
        for (texts, language) in [
            (&["Anh/chị bao nhiêu tuổi?", "Có", "Không"][..], Some("vi")),
            (&["How old are you?", "Nguyễn Văn A"], Some("en")),
            (&["Quel âge avez-vous ?", "Oui", "Non"], Some("fr")),
            (&["¿Cuántos años tiene usted?", "Sí", "No"], Some("es")),
            (&["Wie alt sind Sie?", "Ja", "Nein"], Some("de")),
            (&["Ban bao nhieu tuoi?", "Khong"], Some("vi")),
            (&["你多大了？", "是"], Some("zh")),
            (&["おいくつですか", "はい、二十歳です"], Some("ja")),
            (&["ዕድሜ", "Age"], Some("am")),
            (&["X1", "12"], None),
            (&[], None),
        ] {
            assert_eq!(recognized(texts.iter().copied()), language, "{texts:?}");
        }
    }
}
