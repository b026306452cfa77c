//! Named upstream pools: resolve, balance, the client stack.
