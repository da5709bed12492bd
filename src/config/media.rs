//! The section `media`: where files are kept. What the keys are is in `keys.rs`.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use url::Url;

use crate::domain::setting::{Faults, Values};

/// `media.store`.
#[derive(Debug, Clone)]
pub enum MediaStore {
    /// A folder; `media` in the data folder where nothing is set.
    Folder(PathBuf),
    /// A bucket of a store that speaks S3.
    Bucket(BucketSection),
}

/// A bucket, and the key to it.
#[derive(Debug, Clone)]
pub struct BucketSection {
    /// The bucket of `media.store`.
    pub name: String,
    /// What stands behind it there; may be empty.
    pub prefix: String,
    /// `media.s3_endpoint`; Amazon's own address without it.
    pub endpoint: Option<Url>,
    /// `media.s3_region`.
    pub region: String,
    /// `media.s3_access_key_id`.
    pub access_key_id: String,
    /// `media.s3_secret_access_key`.
    pub secret_access_key: SecretString,
}

const ENDPOINT: &str = "media.s3_endpoint";
const REGION: &str = "media.s3_region";
const ACCESS_KEY_ID: &str = "media.s3_access_key_id";
const SECRET_ACCESS_KEY: &str = "media.s3_secret_access_key";

const BYTES_MAX: &str = "media.max_bytes";
/// As long as any network here takes films of most people, and never in memory as a whole.
const BYTES_MAX_DEFAULT: usize = 1 << 30;
/// Below it not even pictures would come in.
const BYTES_LEAST: usize = 1 << 20;
/// A bucket takes a file in 10,000 parts of 5 MiB (`media/bucket.rs`).
const BYTES_MOST: usize = 10_000 * (5 << 20);

/// `media.max_bytes`.
pub(super) fn bytes_max(values: &Values, faults: &mut Faults) -> usize {
    // What is no number was told already.
    let given = values.get(BYTES_MAX).and_then(|text| text.parse::<usize>().ok()).unwrap_or(BYTES_MAX_DEFAULT);
    if !(BYTES_LEAST..=BYTES_MOST).contains(&given) {
        faults.push(format!("{BYTES_MAX}: must be from {BYTES_LEAST} to {BYTES_MOST}"));
    }
    given
}

pub(super) fn store(values: &Values, data_dir: &Path, faults: &mut Faults) -> MediaStore {
    let default = MediaStore::Folder(data_dir.join("media"));
    let given = values.get("media.store").map(|text| text.parse::<Url>());
    let bucket = match &given {
        Some(Ok(url)) if url.scheme() == "s3" => bucket(url, values, faults),
        _ => {
            let lone =
                [ENDPOINT, REGION, ACCESS_KEY_ID, SECRET_ACCESS_KEY].into_iter().find(|key| values.contains_key(key));
            if let Some(key) = lone {
                faults.push(format!("{key}: does nothing unless media.store is s3://bucket"));
            }
            None
        }
    };
    match given {
        None => default,
        Some(Ok(url)) if url.scheme() == "s3" => bucket.map_or(default, MediaStore::Bucket),
        Some(Ok(url)) if url.scheme() == "file" && url.host().is_none() => {
            url.to_file_path().map_or(default, MediaStore::Folder)
        }
        Some(_) => {
            faults.push("media.store: must be file:///path, s3://bucket or s3://bucket/prefix".into());
            default
        }
    }
}

fn bucket(url: &Url, values: &Values, faults: &mut Faults) -> Option<BucketSection> {
    let Some(name) = url.host_str().filter(|_| is_plain(url)) else {
        faults.push("media.store: must be s3://bucket or s3://bucket/prefix, and nothing else in it".into());
        return None;
    };
    let endpoint = values.get(ENDPOINT).and_then(|text| text.parse::<Url>().ok());
    let is_here = |url: &Url| matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    if endpoint.as_ref().is_some_and(|url| url.scheme() != "https" && !is_here(url)) {
        faults.push(format!("{ENDPOINT}: must begin with https://; http:// is only for this machine"));
    }
    if endpoint.is_none() && !values.contains_key(REGION) {
        faults.push(format!("{ENDPOINT}: must be set, or {REGION} for a bucket of Amazon's own"));
    }
    let mut needed = |key: &'static str| {
        let found = values.get(key).cloned();
        if found.is_none() {
            faults.push(format!("{key}: must be set, because media.store is a bucket"));
        }
        found
    };
    let (access_key_id, secret_access_key) = (needed(ACCESS_KEY_ID), needed(SECRET_ACCESS_KEY));
    Some(BucketSection {
        name: name.to_owned(),
        prefix: url.path().trim_matches('/').to_owned(),
        endpoint,
        region: values.get(REGION).cloned().unwrap_or_else(|| "auto".into()),
        access_key_id: access_key_id?,
        secret_access_key: secret_access_key?.into(),
    })
}

/// A bucket and a prefix, without a user, a port, a question or anything that would have to be written otherwise.
fn is_plain(url: &Url) -> bool {
    let is_bare = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    is_bare && url.query().is_none() && url.fragment().is_none() && url.path().chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use crate::config::{Config, Overrides};

    #[test]
    fn the_largest_file_is_what_is_set_within_reason() {
        let of = |line: &str| {
            let file = format!("[media]\n{line}");
            Config::read(&file, &BTreeMap::new(), &Overrides::default(), None).map(|config| config.media_bytes_max)
        };
        assert_eq!(of("").unwrap(), 1 << 30);
        assert_eq!(of("max_bytes = 4000000000").unwrap(), 4_000_000_000);
        assert_eq!(of("max_bytes = 1048576").unwrap(), 1 << 20);
        for wrong in ["max_bytes = 1048575", "max_bytes = 0", "max_bytes = 52428800001", "max_bytes = \"much\""] {
            assert!(of(wrong).unwrap_err().to_string().contains("media.max_bytes"), "{wrong}");
        }
    }

    fn read(media: &str) -> Result<MediaStore, String> {
        let file = format!("[data]\ndir = \"/srv/socrazi/data\"\n[media]\n{media}");
        let read = Config::read(&file, &BTreeMap::new(), &Overrides::default(), None);
        read.map(|config| config.media_store).map_err(|faults| faults.to_string())
    }

    const KEYS: &str = "s3_access_key_id = \"id\"\ns3_secret_access_key = \"canary\"\n";

    #[test]
    fn a_folder_or_a_bucket_is_named_and_a_key_is_never_printed() {
        let folder = |media| match read(media) {
            Ok(MediaStore::Folder(folder)) => folder.display().to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(folder(""), "/srv/socrazi/data/media");
        assert_eq!(folder("store = \"file:///mnt/films\""), "/mnt/films");
        let media =
            format!("store = \"s3://films/a/b/\"\ns3_endpoint = \"https://x.r2.cloudflarestorage.com\"\n{KEYS}");
        let bucket = read(&media).unwrap();
        assert!(!format!("{bucket:?}").contains("canary"));
        let MediaStore::Bucket(bucket) = bucket else { panic!("{bucket:?}") };
        assert_eq!((bucket.name.as_str(), bucket.prefix.as_str(), bucket.region.as_str()), ("films", "a/b", "auto"));
    }

    #[test]
    fn what_cannot_be_a_bucket_is_said() {
        let endpoint = "s3_endpoint = \"https://x.example\"\n";
        for (media, words) in [
            ("store = \"films\"".to_owned(), "media.store: must be file:///path, s3://bucket"),
            ("store = \"https://x.example/films\"".to_owned(), "media.store: must be file:///path, s3://bucket"),
            ("store = \"file://host/films\"".to_owned(), "media.store: must be file:///path, s3://bucket"),
            (endpoint.to_owned(), "media.s3_endpoint: does nothing unless media.store is s3://bucket"),
            (format!("store = \"s3://films\"\n{KEYS}"), "media.s3_endpoint: must be set, or media.s3_region"),
            (format!("store = \"s3://films\"\n{endpoint}"), "media.s3_secret_access_key: must be set"),
            (format!("store = \"s3://id:key@films\"\n{endpoint}{KEYS}"), "media.store: must be s3://bucket"),
            (format!("store = \"s3://films/ä\"\n{endpoint}{KEYS}"), "media.store: must be s3://bucket"),
            (format!("store = \"s3://films\"\ns3_endpoint = \"http://192.0.2.1\"\n{KEYS}"), "must begin with https://"),
        ] {
            let said = read(&media).unwrap_err();
            assert!(said.contains(words) && !said.contains("canary"), "{media}: {said}");
        }
        read(&format!("store = \"s3://films\"\ns3_endpoint = \"http://127.0.0.1:9000\"\n{KEYS}")).unwrap();
    }
}
