//! Panics are mistakes of ours. One ends the work in which it happens, and nothing else: what that work held is
//! dropped, its transaction is rolled back, and no lock is lost with it (locks are taken whether poisoned or
//! not, since what they guard is whole between any two lines).

use std::future::Future;
use std::panic::{AssertUnwindSafe, set_hook};

use futures_util::FutureExt;
use sea_orm::DbErr;

/// Some work ended in a panic. The log says where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a panic, of which the log says where it was")]
pub struct Panicked;

impl From<Panicked> for DbErr {
    fn from(panicked: Panicked) -> Self {
        Self::Custom(panicked.to_string())
    }
}

/// Does the work; a panic of it is an error like any other.
pub async fn caught<T, E: From<Panicked>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err(Panicked.into()))
}

/// From now on the log says where a panic was, and not what it says: that may have a patient's words in it.
pub fn log_places() {
    set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_like_any_other() {
        let number = std::hint::black_box(0_u8);
        let divided = caught(async move { Ok::<_, Panicked>(7 / number) }).await;
        assert_eq!(divided, Err(Panicked));
        assert_eq!(caught(async { Ok::<_, Panicked>(1) }).await, Ok(1));
    }
}
