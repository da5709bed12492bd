//! Reading upload requests: multipart, JSON with base64, or a form.

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::problem::Problem;
use super::query::Query;

/// The parts of an upload request, whichever way they came.
pub(crate) struct Parts {
    pub(crate) fields: Query,
    pub(crate) media: Option<Vec<u8>>,
}

impl Parts {
    pub(crate) async fn read(request: Request) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        if kind.starts_with("multipart/form-data") {
            return Self::multipart(request).await;
        }
        let broken = |_| Problem::invalid("The request body could not be read.", "", "");
        let raw = Bytes::from_request(request, &()).await.map_err(broken)?;
        if kind.starts_with("application/x-www-form-urlencoded") {
            return Ok(Self { fields: Query::parse(&raw), media: None });
        }
        if raw.is_empty() {
            return Ok(Self { fields: Query::default(), media: None });
        }
        Self::json(&raw)
    }

    async fn multipart(request: Request) -> Result<Self, Problem> {
        let broken = || Problem::invalid("The multipart body could not be read.", "", "");
        let mut form = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
        let (mut fields, mut media) = (Vec::new(), None);
        while let Some(field) = form.next_field().await.map_err(|_| broken())? {
            let name = field.name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(|_| broken())?;
            if name == "media" {
                media = Some(bytes.to_vec());
            } else {
                fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
        Ok(Self { fields: Query::from_pairs(fields), media })
    }

    fn json(raw: &[u8]) -> Result<Self, Problem> {
        let value: Value =
            serde_json::from_slice(raw).map_err(|_| Problem::invalid("Invalid JSON in request body.", "", ""))?;
        let object = value.as_object().ok_or_else(|| Problem::invalid("$: object expected", "", ""))?;
        let (mut fields, mut media) = (Vec::new(), None);
        for (name, value) in object {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
                Value::Null | Value::Bool(_) | Value::Object(_) => value.to_string(),
            };
            if name == "media" {
                let wrong = |_| Problem::invalid("$.media: is not base64", "", "");
                media = Some(STANDARD.decode(text).map_err(wrong)?);
            } else {
                fields.push((name.clone(), text));
            }
        }
        Ok(Self { fields: Query::from_pairs(fields), media })
    }

    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self.fields.pairs().iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => {
                let rule = "is not defined in the schema and the schema does not allow additional properties";
                Err(Problem::invalid(&format!("$.{name}: {rule}"), "", ""))
            }
        }
    }

    pub(crate) fn needed(&self, name: &str) -> Result<&str, Problem> {
        let missing = || Problem::invalid(&format!("$.{name}: is missing but it is required"), "", "");
        self.fields.one(name).ok_or_else(missing)
    }

    pub(crate) fn one_of(&self, name: &str, known: &[&str]) -> Result<Option<&str>, Problem> {
        match self.fields.one(name) {
            Some(value) if !known.contains(&value) => {
                let message = format!("$.{name}: does not have a value in the enumeration [{}]", known.join(", "));
                Err(Problem::invalid(&message, "", ""))
            }
            other => Ok(other),
        }
    }

    pub(crate) fn bytes(&self) -> Result<&[u8], Problem> {
        self.media.as_deref().ok_or_else(|| Problem::invalid("$.media: is missing but it is required", "", ""))
    }
}
