//! Colours that can be read: contrast as WCAG 2.2 defines it, and what follows from
//! one accent colour on light and dark pages.

/// The least contrast between a text and what it stands on (WCAG 2.2, 1.4.3).
pub const LEAST_CONTRAST: f64 = 4.5;

/// A colour: red, green and blue, from 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

const WHITE: Colour = Colour([255; 3]);
const BLACK: Colour = Colour([0; 3]);
/// The head of a light page, on which an accent has the least contrast.
const LIGHT: Colour = Colour([0xf4, 0xf6, 0xf8]);
/// The same of a dark page, and the page.
const DARK: Colour = Colour([0x1c, 0x24, 0x2d]);
const DARK_PAGE: Colour = Colour([0x12, 0x17, 0x1d]);

impl Colour {
    /// As it is written: `#0b5a66`, `0B5A66` or `#0bf`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().trim_start_matches('#');
        // A number may have a sign; a colour has none.
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let part = |part: &str| u8::from_str_radix(part, 16).ok();
        match digits.len() {
            3 => {
                let part = |place: usize| part(&digits[place..=place]).map(|one| one * 17);
                Some(Self([part(0)?, part(1)?, part(2)?]))
            }
            6 => Some(Self([part(&digits[..2])?, part(&digits[2..4])?, part(&digits[4..])?])),
            _ => None,
        }
    }

    /// Six digits: `0b5a66`.
    pub fn digits(self) -> String {
        let [red, green, blue] = self.0;
        format!("{red:02x}{green:02x}{blue:02x}")
    }

    /// Relative luminance, from 0 to 1 (WCAG 2.2, glossary).
    pub fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast of two colours, from 1 to 21 (WCAG 2.2, glossary).
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// This with so many of 255 parts of another.
    fn mixed(self, other: Self, parts: u8) -> Self {
        let mix = |own: u8, other: u8| {
            let (own, other, parts) = (u32::from(own), u32::from(other), u32::from(parts));
            u8::try_from((own * (255 - parts) + other * parts + 127) / 255).unwrap_or(u8::MAX)
        };
        Self(std::array::from_fn(|place| mix(self.0[place], other.0[place])))
    }

    /// The nearest to this on the way to another that can be read on `ground`.
    fn readable(self, ground: Self, towards: Self) -> Self {
        let all = (0..=u8::MAX).map(|parts| self.mixed(towards, parts));
        let mut fitting = all.filter(|one| one.contrast(ground) >= LEAST_CONTRAST);
        fitting.next().unwrap_or(towards)
    }
}

/// Whether a colour can be an accent: read on a light page, and white on it.
///
/// # Errors
///
/// The nearest darker one that can.
pub fn check_accent(accent: Colour) -> Result<(), Colour> {
    let fitting = accent.readable(LIGHT, BLACK);
    if fitting == accent { Ok(()) } else { Err(fitting) }
}

/// What pages use of an accent: names of the style's own colours, on light pages and on
/// dark ones, where it is lighter so that it can be read.
pub fn palettes(accent: Colour) -> [[(&'static str, Colour); 5]; 2] {
    let dark = accent.readable(DARK, WHITE);
    let names = ["brand", "brand-hover", "on-brand", "selected", "accent-fill"];
    let (faint, fainter) = (accent.mixed(WHITE, 225), accent.mixed(WHITE, 236));
    let light = [accent, accent.mixed(BLACK, 64), WHITE, faint, fainter];
    let strong = DARK_PAGE.mixed(dark, 56);
    let dark = [dark, dark.mixed(WHITE, 80), DARK_PAGE, strong, strong];
    [light, dark].map(|colours| std::array::from_fn(|place| (names[place], colours[place])))
}

/// The style sheet that gives pages an accent.
pub fn style(accent: Colour) -> String {
    let [light, dark] = palettes(accent).map(|palette| {
        let set = palette.map(|(name, colour)| format!("--{name}: #{};", colour.digits()));
        format!(":root {{ {} }}", set.join(" "))
    });
    format!("{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    /// Contrasts that others compute: black on white 21, #767676 on white 4.54, #777777 on
    /// white 4.48.
    #[test]
    fn contrasts_are_those_of_wcag() {
        for (one, other, expected) in
            [("#000", "#fff", 21.0), ("#767676", "fff", 4.54), ("#777", "#FFFFFF", 4.48)]
        {
            let contrast = colour(one).contrast(colour(other));
            assert!((contrast - expected).abs() < 0.005, "{one} on {other}: {contrast}");
        }
    }

    #[test]
    fn what_is_no_colour_is_none() {
        for text in [
            "",
            "#",
            "red",
            "#12345",
            "#1234567",
            "#ggg",
            "ＦＦＦ",
            "url(x)",
            "#00é",
            "+f+f+f",
            "+++",
        ] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
        assert_eq!(colour(" #0BF "), Colour([0, 0xbb, 0xff]));
    }

    /// Of every colour of a fine grid: one that is refused has a nearest that is taken, of
    /// the same hue or nearly, and no darker than it must be; whatever is taken can be read
    /// on light pages and dark, with texts on buttons and on what is chosen.
    #[test]
    fn every_accent_can_be_read() {
        let text = [colour("#1b2430"), colour("#e9edf2")];
        let grounds = [[WHITE, LIGHT], [DARK_PAGE, DARK]];
        let steps = || (0..=255_u8).step_by(17);
        let (mut taken, mut refused) = (0, 0);
        for red in steps() {
            for (green, blue) in steps().flat_map(|green| steps().map(move |blue| (green, blue))) {
                let asked = Colour([red, green, blue]);
                let accent = match check_accent(asked) {
                    Ok(()) => asked,
                    Err(nearest) => {
                        refused += 1;
                        let before = asked.contrast(LIGHT);
                        assert!(before < LEAST_CONTRAST, "{asked:?} is refused at {before}");
                        assert!(nearest.contrast(LIGHT) < LEAST_CONTRAST + 0.2, "{nearest:?}");
                        nearest
                    }
                };
                assert_eq!(check_accent(accent), Ok(()), "{accent:?}");
                taken += 1;
                for (place, palette) in palettes(accent).into_iter().enumerate() {
                    let [(_, brand), (_, hover), (_, on_brand), (_, chosen), (_, fill)] = palette;
                    for ground in grounds[place] {
                        assert!(brand.contrast(ground) >= LEAST_CONTRAST, "{accent:?} on it");
                    }
                    for button in [brand, hover] {
                        assert!(on_brand.contrast(button) >= LEAST_CONTRAST, "{accent:?} below");
                    }
                    for ground in [chosen, fill] {
                        assert!(text[place].contrast(ground) >= LEAST_CONTRAST, "{accent:?} faint");
                    }
                    // The frame of what is chosen is told from it (WCAG 2.2, 1.4.11).
                    assert!(brand.contrast(chosen) >= 3.0, "{accent:?} around what is chosen");
                }
            }
        }
        assert_eq!(taken, 16 * 16 * 16);
        assert!(refused > 1_000, "{refused}");
    }
}
