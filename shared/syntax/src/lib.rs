//! Finds code in text, parses it, says line and column of what is wrong.
