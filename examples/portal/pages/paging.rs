//! Long lists, a page at a time.

use maud::{Markup, html};

use crate::words::{fill, say};

/// One page of a list.
#[derive(Debug)]
pub(crate) struct Paged<T> {
    /// What is on it.
    pub(crate) items: Vec<T>,
    number: usize,
    pages: usize,
}

impl<T> Paged<T> {
    /// The page with a number, from 1; a number beyond the last page means the last.
    pub(crate) fn of(all: Vec<T>, number: usize, on_each: usize) -> Self {
        let pages = all.len().div_ceil(on_each.max(1)).max(1);
        let number = number.clamp(1, pages);
        let items = all.into_iter().skip((number - 1) * on_each).take(on_each).collect();
        Self { items, number, pages }
    }

    /// Ways to the pages before and after; nothing where there is only one. `address` makes the address of a page.
    pub(crate) fn ways(&self, address: impl Fn(usize) -> String) -> Markup {
        html! {
            @if self.pages > 1 {
                nav.pages aria-label=(say("paging.label")) {
                    @if self.number > 1 { a rel="prev" href=(address(self.number - 1)) { (say("paging.newer")) } }
                    span { (fill("paging.where", &[("page", &self.number.to_string()), ("pages", &self.pages.to_string())])) }
                    @if self.number < self.pages { a rel="next" href=(address(self.number + 1)) { (say("paging.older")) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_everything_once() {
        let all: Vec<u32> = (0..25).collect();
        let seen: Vec<u32> = (1..=3).flat_map(|page| Paged::of(all.clone(), page, 10).items).collect();
        assert_eq!(seen, all);
        assert_eq!(Paged::of(all.clone(), 99, 10).items, [20, 21, 22, 23, 24]);
        assert_eq!(Paged::of(all, 0, 10).number, 1);
        assert!(Paged::<u32>::of(vec![], 1, 10).items.is_empty());
    }
}
