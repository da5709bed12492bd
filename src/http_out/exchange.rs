//! Requests that a client of somebody else's made (the object store's): sent under the same rules as ours, headers and body as they came.

use http::{Request, Response};

use super::{OutFault, Outbound, describe, fault, is_private_channel};

impl Outbound {
    /// Sends it and waits for the head of the answer, whatever the status; no total time, but no long silence either.
    ///
    /// # Errors
    /// When no answer begins, or the request would carry secrets in the clear to another machine.
    pub async fn exchange(&self, request: Request<reqwest::Body>) -> Result<Response<reqwest::Body>, OutFault> {
        let built = reqwest::Request::try_from(request);
        let built = built.map_err(|error| OutFault::NotSent(describe(&error.without_url())))?;
        if !is_private_channel(built.url()) {
            return Err(OutFault::NotSent("plain http is only for this machine".into()));
        }
        self.streams.execute(built).await.map(Response::from).map_err(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Reach, scripted};
    use super::*;

    async fn asked(url: &str) -> Result<u16, OutFault> {
        let request = Request::put(url).header("authorization", "canary").body(reqwest::Body::from("x")).unwrap();
        Ok(Outbound::new(Reach::Public).unwrap().exchange(request).await?.status().as_u16())
    }

    #[tokio::test]
    async fn a_request_goes_out_as_it_came_and_in_the_clear_to_this_machine_alone() {
        let text = "HTTP/1.1 307 Moved\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n";
        let fake = scripted::listen(scripted::Reply::Text(text)).await;
        assert_eq!(asked(fake.url("/a").as_str()).await, Ok(307));
        assert!(fake.seen().await.to_lowercase().contains("authorization: canary"));
        assert!(matches!(asked("http://192.0.2.1/a").await, Err(OutFault::NotSent(why)) if why.contains("plain http")));
        let closed = scripted::closed_port().await;
        assert!(matches!(asked(closed.as_str()).await, Err(OutFault::NotSent(why)) if !why.contains("canary")));
    }
}
