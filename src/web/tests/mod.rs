//! The screens and the API through an in-memory app: no browser, no network, a clock that stands still.
//!
//! `browser` is somebody with a cookie jar. The content is the real one of `workflows/tupiza`.

mod access;
mod alone;
mod api;
mod api_access;
mod board;
mod branches;
mod browser;
mod jobs;
mod ledgers;
mod messages;
mod pages;
mod recall;
mod repeat;
mod reports;
mod work;
