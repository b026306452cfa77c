//! Waiting for a condition instead of for a while.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, sleep};

/// Pause between two looks at a condition.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks until `check` has something, and gives that.
///
/// # Panics
/// Where it has nothing within `within`; the message says `what` was waited for.
pub async fn eventually<T, F, Fut>(what: &str, within: Duration, mut check: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let end = Instant::now() + within;
    loop {
        if let Some(found) = check().await {
            return found;
        }
        assert!(Instant::now() < end, "not within {within:?}: {what}");
        sleep(PAUSE).await;
    }
}

/// Waits until a condition holds: `eventually!(llm.open() == 0, Duration::from_secs(5))`; panics where it does not.
#[macro_export]
macro_rules! eventually {
    ($condition:expr, $within:expr) => {
        $crate::eventually(stringify!($condition), $within, async || ($condition).then_some(())).await
    };
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_looks_until_there_is_something() {
        let looks = AtomicU32::new(0);
        eventually!(looks.fetch_add(1, Ordering::Relaxed) == 3, Duration::from_secs(1));
        assert_eq!(looks.load(Ordering::Relaxed), 4);
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "not within 1s: 1 == 2")]
    async fn it_gives_up_and_says_on_what() {
        eventually!(1 == 2, Duration::from_secs(1));
    }
}
