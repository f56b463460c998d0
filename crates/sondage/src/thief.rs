//! `sondage thief`: what somebody learns who holds copies of the files of an
//! anonymous study. The promise of the guide, tried on one's own copies.

use fielding::Error;
use fielding::keys::Keys;
use fielding::store::thief::{Way, look};
use locale::{number, text};

use crate::arguments::ThiefOptions;
use crate::terminal::{Failure, print_line};

/// Prints, study by study, the smallest group and the pairs that were found.
///
/// # Errors
///
/// A copy or a key that cannot be read; pairs without keys, and groups of fewer
/// than five where more have answered, as [`Failure::Found`].
pub fn run(options: &ThiefOptions, language: &str) -> Result<(), Failure> {
    let keys = match &options.keys {
        Some(folder) if !Keys::exist(folder) => {
            return Err(Error::KeysMissing(folder.clone()).into());
        }
        Some(folder) => Some(Keys::open(folder)?),
        None => None,
    };
    let findings = look(&options.copies, keys.as_ref())?;
    let count = |count: usize| number(language, f64::from(u32::try_from(count).unwrap_or(0)), 0);
    let say = |key: &str, values: &[(&str, &str)]| print_line(&text(language, key, values));
    if findings.is_empty() {
        say("thief-no-study", &[]);
    }
    let mut found = false;
    for finding in findings {
        say("thief-study", &[("study", &finding.study), ("ended", &count(finding.ended))]);
        match finding.smallest {
            None => say("thief-nobody", &[]),
            Some(smallest) => {
                let small = count(finding.small_groups);
                say("thief-groups", &[("smallest", &count(smallest)), ("small", &small)]);
                found |= finding.small_groups > 0 && finding.ended >= 5;
            }
        }
        for way in Way::ALL {
            let pairs = finding.pairs.get(&way).copied().unwrap_or(0);
            say(&format!("thief-pairs-{}", way.name()), &[("pairs", &count(pairs))]);
        }
        found |= finding.pair_count() > 0;
        if keys.is_some() {
            let (open, waiting) = (finding.open_with_keys, finding.waiting_with_keys);
            say("thief-keys", &[("open", &count(open)), ("waiting", &count(waiting))]);
            say("thief-keys-ended", &[("ended", &count(finding.ended_with_keys))]);
        }
    }
    if found { Err(Failure::Found) } else { Ok(()) }
}
