//! Places where tests stop, kill or hold the program: `failpoint!("F5")` is nothing at all unless the feature `failpoints` is on, which only
//! the kill matrix turns on (`tests/kills`). What happens there is the business of whoever installs the hook.

/// Names a place. Only in async code.
#[macro_export]
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        $crate::failpoints::reach($name).await;
    };
}

#[cfg(feature = "failpoints")]
mod hook {
    use std::pin::Pin;
    use std::sync::OnceLock;

    /// What is done at a place.
    pub type Hook = Box<dyn Fn(&'static str) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

    static HOOK: OnceLock<Hook> = OnceLock::new();

    /// Says what is done at the places of this process. The first caller wins.
    pub fn install(hook: Hook) {
        let _first_wins = HOOK.set(hook);
    }

    /// Called by `failpoint!`.
    pub async fn reach(name: &'static str) {
        if let Some(hook) = HOOK.get() {
            hook(name).await;
        }
    }
}

#[cfg(feature = "failpoints")]
pub use hook::{Hook, install, reach};
