//! TOML file + injected environment; typed units; messages that name the key.
