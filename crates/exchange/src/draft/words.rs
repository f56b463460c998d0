//! Words that systems say themselves, in the languages of a survey.

use survey_builder::questionnaire::document::Text;

/// A word in each language it is known in; English comes first.
pub(crate) type Word = &'static [(&'static str, &'static str)];

pub(crate) const YES: Word = &[
    ("en", "Yes"),
    ("vi", "Có"),
    ("fr", "Oui"),
    ("de", "Ja"),
    ("es", "Sí"),
    ("pt", "Sim"),
    ("it", "Sì"),
    ("nl", "Ja"),
];
pub(crate) const NO: Word = &[
    ("en", "No"),
    ("vi", "Không"),
    ("fr", "Non"),
    ("de", "Nein"),
    ("es", "No"),
    ("pt", "Não"),
    ("it", "No"),
    ("nl", "Nee"),
];
pub(crate) const UNCERTAIN: Word = &[
    ("en", "Uncertain"),
    ("vi", "Không chắc"),
    ("fr", "Indécis"),
    ("de", "Unsicher"),
    ("es", "No sé"),
    ("pt", "Incerto"),
    ("it", "Incerto"),
    ("nl", "Onzeker"),
];
pub(crate) const FEMALE: Word = &[
    ("en", "Female"),
    ("vi", "Nữ"),
    ("fr", "Féminin"),
    ("de", "Weiblich"),
    ("es", "Femenino"),
    ("pt", "Feminino"),
    ("it", "Femmina"),
    ("nl", "Vrouw"),
];
pub(crate) const MALE: Word = &[
    ("en", "Male"),
    ("vi", "Nam"),
    ("fr", "Masculin"),
    ("de", "Männlich"),
    ("es", "Masculino"),
    ("pt", "Masculino"),
    ("it", "Maschio"),
    ("nl", "Man"),
];
pub(crate) const INCREASE: Word = &[
    ("en", "Increase"),
    ("vi", "Tăng"),
    ("fr", "Augmente"),
    ("de", "Zunahme"),
    ("es", "Aumentar"),
    ("pt", "Aumentar"),
    ("it", "Aumenta"),
    ("nl", "Toename"),
];
pub(crate) const SAME: Word = &[
    ("en", "Same"),
    ("vi", "Như cũ"),
    ("fr", "Sans changement"),
    ("de", "Gleich"),
    ("es", "Igual"),
    ("pt", "Igual"),
    ("it", "Uguale"),
    ("nl", "Gelijk"),
];
pub(crate) const DECREASE: Word = &[
    ("en", "Decrease"),
    ("vi", "Giảm"),
    ("fr", "Diminue"),
    ("de", "Abnahme"),
    ("es", "Disminuir"),
    ("pt", "Diminuir"),
    ("it", "Diminuisce"),
    ("nl", "Afname"),
];
pub(crate) const OTHER: Word = &[
    ("en", "Other"),
    ("vi", "Khác"),
    ("fr", "Autre"),
    ("de", "Sonstiges"),
    ("es", "Otro"),
    ("pt", "Outro"),
    ("it", "Altro"),
    ("nl", "Anders"),
];
pub(crate) const COMMENT: Word = &[
    ("en", "Comment"),
    ("vi", "Ý kiến"),
    ("fr", "Commentaire"),
    ("de", "Kommentar"),
    ("es", "Comentario"),
    ("pt", "Comentário"),
    ("it", "Commento"),
    ("nl", "Opmerking"),
];

/// What is said where answers do not satisfy a rule that has no words of its own.
pub(crate) const UNFIT: Word = &[
    ("en", "These answers do not fit together; please check them."),
    ("vi", "Các câu trả lời này không khớp nhau; xin xem lại."),
    ("fr", "Ces réponses ne vont pas ensemble ; veuillez les vérifier."),
    ("de", "Diese Antworten passen nicht zusammen; bitte prüfen Sie sie."),
    ("es", "Estas respuestas no concuerdan; revíselas, por favor."),
    ("pt", "Estas respostas não combinam; verifique-as, por favor."),
    ("it", "Queste risposte non si accordano; le verifichi, per favore."),
    ("nl", "Deze antwoorden passen niet bij elkaar; controleer ze alstublieft."),
];

/// A word in the languages of a survey, English where it is not known.
pub(crate) fn in_languages(word: Word, languages: &[String]) -> Text {
    let english = word.first().map_or("", |(_, said)| said);
    let texts = languages.iter().map(|language| {
        let base = language.split(['-', '_']).next().unwrap_or(language);
        let found = word.iter().find(|(code, _)| *code == base);
        (language.clone(), found.map_or(english, |(_, said)| said).to_owned())
    });
    Text(texts.collect())
}
