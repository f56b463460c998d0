//! Tables: a scale across is a battery, boxes to write into are a grid, a table
//! of numbers, questions and answers is a questionnaire, and what is left is read
//! cell by cell.

use super::blank::{Blank, is_blank_only, without_blanks};
use super::body::{Line, Table};
use super::cells::{Cells, is_digits, is_open};
use super::mark::{Mark, is_box, mark};
use super::offered::{offered, right_code};
use super::outline::{Asked, Columns, Offered, Points, Rows, Words};
use super::phrases::is_row_number;
use super::sort::Sorter;

impl Sorter {
    /// Puts one table in its place.
    pub(super) fn table(&mut self, at: usize, table: &Table) {
        let cells = Cells::of(table);
        let waits = self.question.as_ref().is_some_and(|question| !question.has_answers());
        if waits && self.points(&cells) {
            return;
        }
        if self.questions(at, &cells) || self.battery(&cells) {
            return;
        }
        if waits && self.coded(&cells) {
            return;
        }
        for row in &table.rows {
            for line in row.iter().flatten() {
                self.line(at, line);
            }
        }
    }

    /// One row of points, with or without a row of what they mean.
    fn points(&mut self, cells: &Cells<'_>) -> bool {
        let row = (0..cells.rows().min(2)).find(|row| {
            let digits = |column: &usize| is_digits(cells.text(*row, *column));
            (0..cells.width()).filter(digits).count() > 2
                && (0..cells.width()).all(|column| {
                    is_digits(cells.text(*row, column))
                        || matches!(column, 0)
                        || column + 1 == cells.width()
                })
        });
        let Some(row) = row.filter(|_| cells.rows() <= 2) else { return false };
        let places: Vec<usize> =
            (0..cells.width()).filter(|column| is_digits(cells.text(row, *column))).collect();
        let code = |column: usize| {
            cells.text(row, column).trim_matches(|next: char| !next.is_ascii_digit()).to_owned()
        };
        let other = if cells.rows() > 1 { Some(1 - row) } else { None };
        let entry =
            |row: usize, column: usize| cells.lines(row, column).first().map_or(0, |it| it.entry);
        let words = |row: Option<usize>, column: usize| {
            row.map_or_else(Words::default, |row| {
                self.words(cells.text(row, column), entry(row, column))
            })
        };
        let labels: Vec<Words> = places.iter().map(|column| words(other, *column)).collect();
        let mut points = places.iter().map(|column| entry(row, *column)).collect::<Vec<_>>();
        if labels.iter().all(|label| !label.is_empty()) {
            let options: Vec<Offered> = places
                .iter()
                .zip(labels)
                .map(|(column, mut label)| {
                    label.entries.push(entry(row, *column));
                    Offered { code: Some(code(*column)), label, ..Offered::default() }
                })
                .collect();
            self.flush();
            if let Some(question) = &mut self.question {
                question.options = options;
            }
            return true;
        }
        let (first, last) = (places[0], places[places.len() - 1]);
        let end = |inside: usize, outside: Option<usize>| {
            let label = words(other, inside);
            let outside = outside.filter(|column| !is_digits(cells.text(row, *column)));
            match outside {
                Some(column) if label.is_empty() => words(Some(row), column),
                _ => label,
            }
        };
        let mut low = end(first, first.checked_sub(1));
        let high = end(last, Some(last + 1).filter(|column| *column < cells.width()));
        low.entries.append(&mut points);
        let (Ok(from), Ok(to)) = (code(first).parse(), code(last).parse()) else { return false };
        let scale = Points { from, to, low, high };
        self.flush();
        if let Some(question) = &mut self.question {
            question.scale = Some(scale);
        }
        true
    }

    /// Labels with codes at their right, or boxes anywhere.
    fn coded(&mut self, cells: &Cells<'_>) -> bool {
        let all = || {
            (0..cells.rows()).flat_map(|row| (0..cells.width()).map(move |column| (row, column)))
        };
        let marked = |text: &str| {
            text.lines().all(|line| {
                matches!(mark(line), Some((Mark::Box(_) | Mark::Number(_) | Mark::Letter(_), _)))
                    || right_code(line).is_some()
            })
        };
        let said: Vec<(usize, usize)> =
            all().filter(|(row, column)| !cells.text(*row, *column).is_empty()).collect();
        let by_code = cells.width() >= 2
            && (0..cells.rows()).all(|row| {
                let (label, code) = (cells.text(row, 0), cells.text(row, 1));
                !label.is_empty() && is_digits(code) && !is_digits(label)
            });
        let by_mark =
            said.len() > 1 && said.iter().all(|(row, column)| marked(cells.text(*row, *column)));
        if !by_code && !by_mark {
            return false;
        }
        self.flush();
        if by_code {
            for row in 0..cells.rows() {
                let texts: Vec<&str> =
                    (0..cells.width()).map(|column| cells.text(row, column)).collect();
                let entries = (0..cells.width()).flat_map(|column| cells.lines(row, column));
                let entries: Vec<usize> = entries.map(|line| line.entry).collect();
                self.coded_option(&texts, &entries);
            }
        } else {
            for (row, column) in said {
                for line in cells.lines(row, column) {
                    self.coded_option(&[&line.seen()], &[line.entry]);
                }
            }
        }
        true
    }

    /// One option from its parts: label, code, where to go on.
    fn coded_option(&mut self, parts: &[&str], entries: &[usize]) {
        let whole: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
        if whole.is_empty() {
            return;
        }
        let options = offered(&whole.join("\t"));
        for (option, label) in options {
            let mut label = self.words(&label, entries.first().copied().unwrap_or(0));
            label.entries.extend(entries);
            if let Some(question) = &mut self.question {
                question.options.push(Offered { label, ..option });
            }
        }
    }

    /// Rows of number, question and answers.
    fn questions(&mut self, at: usize, cells: &Cells<'_>) -> bool {
        let number = |row: usize| match mark(cells.text(row, 0)) {
            Some((Mark::Question(number) | Mark::Number(number), "")) => Some(number),
            _ => {
                let text = cells.text(row, 0).trim().trim_end_matches(['.', ')']);
                let short = (1..=5).contains(&text.len());
                (short
                    && text.bytes().any(|it| it.is_ascii_digit())
                    && text.chars().all(|it| it.is_ascii_alphanumeric() || it == '.'))
                .then(|| text.to_owned())
            }
        };
        let answers = |row: usize| {
            (2..cells.width()).any(|column| {
                let text = cells.text(row, column);
                text.lines().count() > 1
                    || text.chars().any(is_box)
                    || is_blank_only(text)
                    || offered(text).len() > 1
            })
        };
        let asked = |row: &usize| number(*row).is_some() && !cells.text(*row, 1).is_empty();
        let rows: Vec<usize> = (0..cells.rows()).filter(asked).collect();
        let answered = rows
            .iter()
            .filter(|row| {
                answers(**row) && cells.text(**row, 2).chars().any(char::is_alphabetic)
                    || is_blank_only(cells.text(**row, 2))
            })
            .count();
        if cells.width() < 3 || rows.is_empty() || answered * 2 < rows.len() {
            return false;
        }
        for row in 0..cells.rows() {
            let Some(number) = number(row).filter(|_| rows.contains(&row)) else {
                // The heading of the columns, or of a part.
                let said: Vec<&Line> =
                    (0..cells.width()).flat_map(|column| cells.lines(row, column)).collect();
                if let [line] = said[..] {
                    self.line(at, line);
                } else {
                    self.close();
                    self.layout.extend(said.iter().map(|line| line.entry));
                }
                continue;
            };
            let texts = cells.lines(row, 1);
            let Some((first, more)) = texts.split_first() else { continue };
            self.open(Some(number), &first.seen(), first);
            if let Some(question) = &mut self.question {
                question.wording.entries.extend(cells.lines(row, 0).iter().map(|line| line.entry));
            }
            for line in more {
                self.line(at, line);
            }
            self.flush();
            self.answers(at, cells, row);
        }
        self.close();
        true
    }

    /// The answers of a row: labels, codes and directions in columns side by side,
    /// or lines as they stand anywhere.
    fn answers(&mut self, at: usize, cells: &Cells<'_>, row: usize) {
        let columns: Vec<Vec<&Line>> = (2..cells.width())
            .map(|column| cells.lines(row, column).iter().collect::<Vec<_>>())
            .collect();
        let filled: Vec<&Vec<&Line>> = columns
            .iter()
            .filter(|lines| lines.iter().any(|line| !line.seen().is_empty()))
            .collect();
        let Some((&labels, others)) = filled.split_first() else { return };
        let beside = !others.is_empty() && others.iter().all(|lines| lines.len() == labels.len());
        if beside && labels.len() > 1 {
            for place in 0..labels.len() {
                let lines: Vec<&Line> = filled.iter().map(|lines| lines[place]).collect();
                let texts: Vec<String> = lines.iter().map(|line| line.seen()).collect();
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                let entries: Vec<usize> = lines.iter().map(|line| line.entry).collect();
                self.coded_option(&texts, &entries);
            }
            return;
        }
        let single = labels.len() == 1;
        for line in filled.into_iter().flatten() {
            let seen = line.seen();
            let is_plain = mark(&seen).is_none()
                && !is_blank_only(&seen)
                && !super::route::is_sentence(&seen)
                && super::offered::scale(&seen).is_none();
            if is_plain && !single && !seen.is_empty() && !seen.starts_with(['(', '[']) {
                self.coded_option(&[&seen], &[line.entry]);
            } else {
                self.line(at, line);
            }
        }
    }

    /// Rows that are all answered alike.
    fn battery(&mut self, cells: &Cells<'_>) -> bool {
        let first = usize::from(cells.is_numbered());
        let (label, begin) = (first, first + 1);
        if cells.rows() < 2 || cells.width() < begin + 1 {
            return false;
        }
        let columns: Vec<usize> =
            (begin..cells.width()).filter(|column| !cells.text(0, *column).is_empty()).collect();
        // A second row of the heading holds the codes.
        let codes = cells.text(1, label).is_empty()
            && columns.iter().all(|column| is_digits(cells.text(1, *column)));
        let body = if codes { 2 } else { 1 };
        let rows: Vec<usize> = (body..cells.rows()).collect();
        let open = |row: usize, column: usize| {
            let text = cells.text(row, column);
            is_open(text) || is_digits(text) || !without_blanks(text).1.is_empty()
        };
        let all_open =
            rows.iter().all(|row| (begin..cells.width()).all(|column| open(*row, column)));
        let named = rows.iter().filter(|row| !cells.text(**row, label).is_empty()).count();
        if columns.is_empty() || rows.is_empty() || !all_open || columns.len() < 2 && named == 0 {
            return false;
        }
        let writes = rows.iter().any(|row| {
            columns.iter().any(|column| !without_blanks(cells.text(*row, *column)).1.is_empty())
        });
        let asks = columns.iter().any(|column| is_to_be_written(cells.text(0, *column)));
        let is_scale = !writes && !asks && named == rows.len() && columns.len() > 1;
        let table = if is_scale {
            Rows {
                rows: self.row_labels(cells, &rows, first),
                columns: self.scale(cells, &columns, codes, &rows),
            }
        } else {
            Rows {
                rows: self.row_labels(cells, &rows, first),
                columns: self.boxes(cells, &columns, &rows),
            }
        };
        self.keep_table(cells, label, table);
        true
    }

    fn row_labels(
        &self,
        cells: &Cells<'_>,
        rows: &[usize],
        first: usize,
    ) -> Vec<(Option<String>, Words)> {
        let row = |row: &usize| {
            let lines = (0..=first).flat_map(|column| cells.lines(*row, column));
            let entries: Vec<usize> = lines.map(|line| line.entry).collect();
            let text = cells.text(*row, first).replace('\n', " ");
            let (number, text) = match mark(&text) {
                Some((Mark::Question(number), rest)) => (Some(number), rest),
                Some((_, rest)) if !rest.is_empty() => (None, rest),
                _ => (None, text.as_str()),
            };
            let beside = (first > 0).then(|| cells.text(*row, 0).trim_end_matches(['.', ')']));
            let text = if text.is_empty() { beside.unwrap_or_default() } else { text };
            let mut words = self.words(text, entries.first().copied().unwrap_or(0));
            words.entries.extend(entries);
            (number, words)
        };
        rows.iter().map(row).collect()
    }

    fn scale(&self, cells: &Cells<'_>, columns: &[usize], codes: bool, rows: &[usize]) -> Columns {
        let option = |(place, column): (usize, &usize)| {
            let text = cells.text(0, *column).replace('\n', " ");
            let found = offered(&text);
            let (mut option, label) = match &found[..] {
                [(option, label)] if !label.is_empty() => (option.clone(), label.clone()),
                _ => (Offered::default(), text.clone()),
            };
            let entry = cells.lines(0, *column).first().map_or(0, |line| line.entry);
            option.label = self.words(&label, entry);
            option.label.entries.extend(cells.lines(0, *column).iter().map(|line| line.entry));
            let own = if codes { Some(1) } else { rows.first().copied() };
            let code = own.map(|row| cells.text(row, *column).trim().to_owned());
            if let Some(code) = code.filter(|code| is_digits(code)) {
                option.code =
                    Some(code.trim_matches(|next: char| !next.is_ascii_digit()).to_owned());
            }
            if is_digits(&text) {
                option.code = Some(text.trim().to_owned());
            }
            let inside = (1..cells.rows()).flat_map(|row| cells.lines(row, *column));
            option.label.entries.extend(inside.map(|line| line.entry));
            option.code = option.code.or_else(|| Some((place + 1).to_string()));
            option
        };
        Columns::Scale(columns.iter().enumerate().map(option).collect())
    }

    fn boxes(&self, cells: &Cells<'_>, columns: &[usize], rows: &[usize]) -> Columns {
        let column = |column: &usize| {
            let text = cells.text(0, *column).replace('\n', " ");
            let inside = || rows.iter().flat_map(|row| cells.lines(*row, *column));
            let mut words = self.words(&text, 0);
            words.entries =
                cells.lines(0, *column).iter().chain(inside()).map(|line| line.entry).collect();
            let digits = inside().any(|line| without_blanks(&line.text).1.contains(&Blank::Digits));
            let number = digits || is_of_numbers(&text);
            (words, Some(if number { Blank::Digits } else { Blank::Line }))
        };
        Columns::Boxes(columns.iter().map(column).collect())
    }

    /// Gives a table to the question that waits for it, or makes one.
    fn keep_table(&mut self, cells: &Cells<'_>, label: usize, table: Rows) {
        self.flush();
        let waits = self.question.as_ref().is_some_and(|question| !question.has_answers());
        let lines = (0..=label).flat_map(|column| cells.lines(0, column));
        let lines: Vec<&Line> = lines.filter(|line| !line.seen().is_empty()).collect();
        let mut corner = Words::default();
        for line in lines {
            let seen = line.seen();
            if is_row_number(&seen) {
                self.layout.insert(line.entry);
            } else {
                corner.append(self.words(&seen, line.entry));
            }
        }
        if waits {
            if let Some(question) = &mut self.question {
                // What heads the column of rows is no words of the question.
                question.hint.append(corner);
                question.table = Some(table);
            }
            return;
        }
        self.close();
        let wording = self.last_note();
        let mut asked = Asked::default();
        match wording {
            Some(wording) => {
                asked.wording = wording;
                asked.hint = corner;
            }
            None => asked.wording = corner,
        }
        asked.table = Some(table);
        self.question = Some(asked);
        self.close();
    }
}

/// Whether the heading of a column asks for something to be written.
fn is_to_be_written(text: &str) -> bool {
    let lower = text.to_lowercase();
    is_of_numbers(text)
        || ["họ và tên", "họ tên", "tên", "ghi chú", "name", "nghề", "occupation", "notes", "mô tả"]
            .iter()
            .any(|word| lower.contains(word))
}

fn is_of_numbers(text: &str) -> bool {
    let lower = text.to_lowercase();
    [
        "số lượng",
        "số tiền",
        "diện tích",
        "tuổi",
        "(đồng",
        "(kg",
        "(ha",
        "(m2",
        "(triệu",
        "(người",
        "giá ",
        "bao nhiêu",
        "amount",
        "number of",
        "how many",
        "quantity",
        "(usd",
        "age",
        "area",
        "sản lượng",
        "năm sinh",
    ]
    .iter()
    .any(|word| {
        lower.split([' ', '\n']).any(|one| one == *word) || word.len() > 3 && lower.contains(word)
    })
}
