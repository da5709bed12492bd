//! The pages: plain semantic HTML from compile-checked templates, no script, one stylesheet. One file per page; `gate.rs` is what every
//! request passes, `form.rs` what every form passes, `page.rs` what every page knows. `chat.rs` with `turns.rs` (answers under way),
//! `coming.rs` (a page that grows with one) and `cards.rs` is the conversation on them. They show what the doors of `App` say and decide nothing.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, head, post};
use axum::{Extension, Router};
use tokio_util::sync::CancellationToken;

use crate::app::App;

mod accounts;
mod analytics;
mod approvals;
mod browser;
mod calendar;
mod cards;
mod chat;
mod coming;
mod connect;
mod conversations;
mod discord;
mod edit;
mod followups;
mod form;
mod gate;
mod google;
mod legal;
mod library;
mod links;
mod meta;
mod oauth;
mod page;
mod pictures;
mod plan;
mod posts;
mod pull;
mod resume;
mod settings;
mod signin;
mod slack;
mod stored;
mod tables;
mod tiktok;
mod times;
mod today;
mod turns;
mod upload;
mod week;

/// Forms hold a few fields; only messages and files take more.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// Every page, and the conversations that are held on them.
pub(super) struct Web {
    turns: Arc<turns::Turns>,
}

impl Web {
    /// Nothing is held yet; `stop` ends whatever is.
    pub(super) fn open(stop: CancellationToken) -> Self {
        Self { turns: Arc::new(turns::Turns::new(stop)) }
    }

    /// The router for every page.
    pub(super) fn router(&self, app: Arc<App>) -> Router {
        router(app, Arc::clone(&self.turns))
    }

    /// Waits for the end, and then for the answers under way.
    pub(super) fn run(&self) -> impl Future<Output = ()> + Send + 'static {
        let turns = Arc::clone(&self.turns);
        async move { turns.run().await }
    }
}

fn router(app: Arc<App>, turns: Arc<turns::Turns>) -> Router {
    let talk = Router::new()
        .route("/chat", get(chat::show).post(chat::begin))
        .route("/chat/consent", post(chat::agree))
        .route("/analytics/follow-ups", post(followups::begin))
        .route("/conversations/{id}", get(conversations::read).post(chat::go_on))
        .route("/conversations/{id}/stop", post(chat::stop))
        .layer(DefaultBodyLimit::max(chat::FORM_BYTES_MAX))
        .layer(Extension(turns));
    let told = Router::new()
        .route("/meta/deauthorize", post(meta::deauthorize))
        .route("/meta/data-deletion", post(meta::delete))
        .route("/meta/data-deletion/{code}", get(meta::show))
        .layer(DefaultBodyLimit::max(meta::FORM_BYTES_MAX))
        .merge(
            Router::new()
                .route("/tiktok/webhook", post(tiktok::told))
                .layer(DefaultBodyLimit::max(tiktok::BODY_BYTES_MAX)),
        );
    Router::new()
        .route("/", get(today::show))
        .route("/signin", get(signin::show).post(signin::redeem))
        .route("/signout", post(signin::sign_out))
        .route("/accounts", get(accounts::show))
        .route("/accounts/{id}/avatar", get(accounts::avatar))
        .route("/accounts/{id}/resume", post(accounts::resume))
        .route("/accounts/{id}/disconnect", get(accounts::disconnect_ask).post(accounts::disconnect))
        .route("/connect/google", get(google::ask).post(google::begin))
        .route("/connect/google/callback", get(google::finish))
        .route("/accounts/google/{id}", get(google::show))
        .route("/accounts/google/{id}/look", post(google::look))
        .route("/accounts/google/{id}/choose", post(google::choose))
        .route("/accounts/google/{id}/disconnect", get(google::disconnect_ask).post(google::disconnect))
        .route("/connect/{network}", get(connect::ask).post(connect::begin))
        .route("/connect/{network}/callback", get(connect::finish))
        .route("/analytics", get(analytics::show))
        .route("/analytics/chart.png", get(analytics::chart))
        .route("/analytics/report.csv", get(analytics::csv))
        .route("/analytics/report.json", get(analytics::json))
        .route("/analytics/posts", get(tables::posts))
        .route("/analytics/outcomes", get(tables::outcomes))
        .route("/analytics/indexing", get(tables::indexing))
        .route("/analytics/{file}", get(tables::taken))
        .route("/analytics/week", get(week::show))
        .route("/analytics/week/seen", post(week::seen))
        .route("/settings/digests", post(week::choose))
        .route("/analytics/times", get(times::show))
        .route("/analytics/times.png", get(times::picture))
        .route("/calendar", get(calendar::show))
        .route("/calendar/import", get(plan::show).post(plan::take).layer(DefaultBodyLimit::max(plan::FORM_BYTES_MAX)))
        .route("/calendar/import/{file}", get(plan::template))
        .route("/posts/{id}", get(posts::show))
        .route("/posts/{id}/picture.png", get(pictures::of_post))
        .route(
            "/posts/{id}/edit",
            get(edit::show)
                .post(edit::save)
                .layer((DefaultBodyLimit::max(chat::FORM_BYTES_MAX), Extension(form::FormMax(chat::FORM_BYTES_MAX)))),
        )
        .route("/posts/{id}/withdraw", post(posts::withdraw))
        .route("/posts/{id}/resume", post(posts::resume))
        .route("/posts/{id}/again", post(posts::again))
        .route("/deliveries/{id}/settle", post(posts::settle))
        .route("/deliveries/{id}/again", post(posts::missed))
        .route("/deliveries/{id}/take-down", post(posts::take_down))
        .route("/approvals/{id}", get(approvals::show).post(approvals::decide))
        .route("/approvals/{id}/picture.png", get(pictures::of_approval))
        .route("/settings", get(settings::show).post(settings::change))
        .route("/settings/unlink", post(links::unlink))
        .route("/settings/google-rooms", post(links::ask_google_again))
        .route("/settings/slack/{team}", post(slack::joins))
        .route("/settings/slack/{team}/leave", post(slack::take_out))
        .route("/link/{secret}", get(links::show).post(links::confirm))
        .route("/slack/install", get(slack::install))
        .route("/slack/oauth", get(slack::installed))
        .route("/settings/discord/{guild}", post(discord::joins))
        .route("/discord/signin", get(discord::sign_in))
        .route("/discord/signin/callback", get(discord::signed_in))
        .route("/slack/signin", get(slack::sign_in))
        .route("/slack/signin/callback", get(slack::signed_in))
        .route("/settings/voice", post(settings::voice))
        .route("/settings/consent", post(settings::consent))
        .route("/conversations", get(conversations::show))
        .route("/conversations/forget", post(conversations::forget_all))
        .route("/conversations/{id}/forget", post(conversations::forget))
        .route("/settings/tokens", post(settings::make_token))
        .route("/settings/tokens/{id}/revoke", post(settings::revoke_token))
        .route("/settings/apps/{id}/remove", post(settings::remove_app))
        .route("/settings/apps/{id}/areas", post(settings::narrow_app))
        .route("/settings/answers", post(settings::set_answers))
        .route("/settings/sessions/{id}/end", post(settings::end_session))
        .route("/pause", post(settings::pause))
        .route("/resume", post(settings::resume))
        .route("/settings/slots", post(settings::slots))
        .route("/settings/links", post(settings::links))
        .route("/settings/limit", post(settings::limit))
        .route(
            "/upload/{secret}",
            get(upload::show).post(upload::take).layer(DefaultBodyLimit::max(upload::form_bytes_max(&app))),
        )
        .route("/upload/{secret}/files", post(resume::begin).options(resume::options))
        .route(
            "/upload/{secret}/files/{name}",
            head(resume::ask).patch(resume::grow).delete(resume::end).options(resume::options),
        )
        .route("/media", get(library::show))
        .route("/media/{id}", get(upload::media))
        .route("/media/{id}/forget", post(library::forget))
        .route("/pull/{id}/{until}/{signature}", get(pull::show))
        .route("/pull/{id}/{until}/{signature}/{form}", get(pull::show_made))
        .merge(told)
        .route("/privacy", get(legal::privacy))
        .route("/terms", get(legal::terms))
        .route("/assets/style.css", get(page::style))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(page::ready))
        .merge(talk)
        .merge(oauth::router(&app))
        .fallback(page::missing)
        .method_not_allowed_fallback(page::wrong_method)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn_with_state(Arc::clone(&app), gate::headers))
        .with_state(app)
}
