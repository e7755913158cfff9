//! Small programs that use the engine; each is an example of this package. See the README of the workspace.
//!
//! The guide's chapters and the packages' READMEs are compiled here with the documentation tests, so that they never fall behind the code.

pub mod mixture;

#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../../docs/guide/01-a-chart-you-can-open.md")]
    mod opening {}
    #[doc = include_str!("../../docs/guide/02-the-chain-of-proofs.md")]
    mod proofs {}
    #[doc = include_str!("../../docs/guide/03-storage-and-keys.md")]
    mod storage {}
    #[doc = include_str!("../../docs/guide/04-bringing-records-in.md")]
    mod records {}
    #[doc = include_str!("../../docs/guide/05-testing-your-host.md")]
    mod testing {}
    #[doc = include_str!("../../docs/operations/backup.md")]
    mod backups {}
    #[doc = include_str!("../../mychartum-storage/README.md")]
    mod storages {}
    #[doc = include_str!("../../mychartum-adapters/README.md")]
    mod adapters {}
}
