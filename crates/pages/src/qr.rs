//! QR codes as pictures that need no file.

use fielding::error::Error;
use qrcodegen::{QrCode, QrCodeEcc};

/// Squares around a picture that stay light (ISO/IEC 18004).
const MARGIN: i32 = 4;

/// A text as a QR code: the side of the picture and the path of its dark squares.
pub fn picture(text: &str) -> Result<(i32, String), Error> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)
        .map_err(|error| Error::Render(error.to_string()))?;
    let mut squares = String::new();
    for row in 0..code.size() {
        for column in (0..code.size()).filter(|column| code.get_module(*column, row)) {
            squares.push_str(&format!("M{} {}h1v1h-1z", column + MARGIN, row + MARGIN));
        }
    }
    Ok((code.size() + 2 * MARGIN, squares))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_its_corners_and_a_light_border() {
        let (side, squares) = picture("otpauth://totp/Sondage:a?secret=GEZDGNBV").expect("drawn");
        assert!(side >= 21 + 2 * MARGIN, "{side}");
        // The corner marks begin at the border.
        assert!(squares.starts_with("M4 4h1v1h-1zM5 4h1v1h-1z"), "{squares}");
        assert!(!squares.contains("M3 "), "{squares}");
    }
}
