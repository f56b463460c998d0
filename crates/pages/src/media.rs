//! Files that a browser shows: what respondents sent, and what questionnaires show.

use actix_web::HttpResponse;
use actix_web::http::header;

/// A file that is shown and can do nothing.
pub fn content(media_type: &str, bytes: Vec<u8>, kept: &str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CACHE_CONTROL, kept))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(bytes)
}
