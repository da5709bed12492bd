//! How a file is cut for an upload (platforms/tiktok.md §4.2): `floor(size / chunk)` chunks of the same size, what is left goes into the last one.
//! Pure. The last chunk is the commit, which must be over in half a minute: the chunks are as small, and so as even, as TikTok lets them be.

/// Smallest of several chunks. "5 MB" is read as the larger one.
const CHUNK_MIN: u64 = 5 * 1024 * 1024;
/// Most chunks.
const CHUNKS_MAX: u64 = 1_000;

/// A file in chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    /// The file's size.
    pub(super) size: u64,
    /// Of each chunk but the last.
    pub(super) chunk: u64,
    /// How many.
    pub(super) count: u64,
}

impl Plan {
    /// For a file of this size. Under twice the smallest chunk it is one, whose size must be the file's (§4.2); never more than 10 MiB then.
    pub(super) fn of(size: u64) -> Self {
        let count = (size / CHUNK_MIN).clamp(1, CHUNKS_MAX);
        // Less than `count` bytes are left for the last one, so that the floor of the sizes is the count again.
        Self { size, chunk: size / count, count }
    }

    /// First byte, and the first one after it, of a chunk by its number from 0.
    pub(super) fn span(&self, no: u64) -> (u64, u64) {
        let first = no * self.chunk;
        (first, if no + 1 == self.count { self.size } else { first + self.chunk })
    }

    /// Whether any of it is sent before the last chunk.
    pub(super) const fn has_several(&self) -> bool {
        self.count > 1
    }

    /// The last one.
    pub(super) fn last(&self) -> (u64, u64) {
        self.span(self.count.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn every_plan_is_one_that_tiktok_takes() {
        let edges = [1, 5, 10, 15, 64, 128, 512, 4_096, 4_999, 5_000].map(|mib| mib * MIB);
        let around = edges.iter().flat_map(|size| [size - 1, *size, size + 1]);
        let odd = (1..2_000).map(|n| n * 2_147_483 + n);
        for size in around.chain(odd).chain([1, 2, 999, 4_000_000_000, 50_000_123]) {
            let plan = Plan::of(size);
            assert_eq!(plan.count, size / plan.chunk, "the floor: {plan:?}");
            assert!((1..=1_000).contains(&plan.count));
            let mut next = 0;
            for no in 0..plan.count {
                let (first, end) = plan.span(no);
                assert_eq!(first, next);
                let len = end - first;
                let is_last = no + 1 == plan.count;
                assert!(if is_last { len <= 64 * 1_000_000 } else { len == plan.chunk }, "{plan:?}");
                assert!(plan.count == 1 || (5 * MIB..=64_000_000).contains(&plan.chunk), "{plan:?}");
                next = end;
            }
            assert_eq!(next, size, "each byte once");
            assert!(plan.count > 1 || plan.chunk == size, "one chunk is the file");
            assert!(size > 5_000 * MIB || plan.last().1 - plan.last().0 < 10 * MIB + 1_000, "{plan:?}");
        }
    }

    #[test]
    fn sizes_that_others_got_wrong() {
        assert_eq!(Plan::of(15_000_000), Plan { size: 15_000_000, chunk: 7_500_000, count: 2 });
        assert_eq!(Plan::of(10 * MIB - 1).count, 1);
        assert_eq!(Plan::of(10 * MIB), Plan { size: 10 * MIB, chunk: 5 * MIB, count: 2 });
        assert_eq!(Plan::of(3), Plan { size: 3, chunk: 3, count: 1 });
    }
}
