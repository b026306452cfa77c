//! One tower layer a file; knows no service.
