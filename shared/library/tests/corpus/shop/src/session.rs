//! Who is logged in: a signed cookie, no table.

/// Checks the signature and the age of a cookie; none: log in again.
pub fn read_session_cookie(cookie: &str, secret: &[u8], now: u64) -> Option<UserId> {
    let (payload, signature) = cookie.split_once('.')?;
    if !verify_hmac(secret, payload, signature) {
        return None;
    }
    let (user, issued) = payload.split_once('-')?;
    let age = now.checked_sub(issued.parse().ok()?)?;
    (age < 86_400).then(|| UserId(user.to_owned()))
}
