//! Where objects lie: `<prefix>/<first two digits of the name>/<its other 128 digits>`.
//!
//! The 256 shards keep folders small, and let a folder, whose files come in no order, be listed in order a shard at a
//! time.

use mychartum_core::port::blob_store::BlobName;
use object_store::path::Path;

/// The shards, in the order of the names in them.
pub(super) fn shards(from: u8) -> impl Iterator<Item = u8> {
    from..=u8::MAX
}

/// The shard that a name is in.
pub(super) fn shard_of(name: BlobName) -> u8 {
    let [first, ..] = name.to_bytes();
    first
}

/// Where a shard lies.
pub(super) fn shard_path(prefix: &Path, shard: u8) -> Path {
    prefix.clone().join(format!("{shard:02x}"))
}

/// Where an object lies.
pub(super) fn object_path(prefix: &Path, name: BlobName) -> Path {
    let text = name.to_string();
    let (first, others) = text.split_at_checked(2).unwrap_or_default();
    prefix.clone().join(first).join(others)
}

/// The object that lies here; `None` for what is not ours.
pub(super) fn name_at(prefix: &Path, place: &Path) -> Option<BlobName> {
    let mut parts = place.prefix_match(prefix)?;
    let (first, others) = (parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let name = [first.as_ref(), others.as_ref()].concat().parse().ok()?;
    // Only what lies where it would have been put: not `a/bcd` for `ab/cd`.
    (object_path(prefix, name) == *place).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_found_where_it_was_put_and_nowhere_else() {
        let name = BlobName::from_bytes(core::array::from_fn(|at| u8::try_from(at).unwrap() ^ 0xa5));
        for prefix in ["", "clinic/files"] {
            let prefix = Path::from(prefix);
            let place = object_path(&prefix, name);
            assert_eq!(name_at(&prefix, &place), Some(name));
            assert!(place.prefix_matches(&shard_path(&prefix, shard_of(name))));
            for elsewhere in [place.clone().join("x"), Path::from(format!("other/{place}")), shard_path(&prefix, 0xa5)]
            {
                assert_eq!(name_at(&prefix, &elsewhere), None, "{elsewhere}");
            }
            let text = name.to_string();
            let (four, others) = text.split_at(4);
            assert_eq!(name_at(&prefix, &prefix.clone().join(four).join(others)), None);
            assert_eq!(name_at(&prefix, &Path::from(place.to_string().to_uppercase())), None);
        }
    }
}
