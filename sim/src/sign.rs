//! HMAC-SHA-256, with which most services sign what they send and prove who asks. What is signed, and how it is written down, is each
//! service's own business.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The code of a message.
pub(crate) fn hmac(key: &str, message: &[u8]) -> Vec<u8> {
    // A key may have any length; the error is of the trait, not of this hash.
    Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_or_else(
        |_| Vec::new(),
        |mut mac| {
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        },
    )
}

/// The same in hex, lower case.
pub(crate) fn hmac_hex(key: &str, message: &[u8]) -> String {
    hmac(key, message).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn codes_are_those_of_rfc_4231() {
        let wanted = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(super::hmac_hex("Jefe", b"what do ya want for nothing?"), wanted);
    }
}
