//! FNV-1a, for names and fingerprints: short, stable, not meant against malice.
//!
//! Fowler, Noll, Vo; 64 bits. In: bytes. Out: a number that never changes between versions.

/// The 64-bit FNV-1a hash of `bytes`.
pub(crate) const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01B3);
        i += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    #[test]
    fn published_values() {
        assert_eq!(super::fnv1a(b""), 0xCBF2_9CE4_8422_2325);
        assert_eq!(super::fnv1a(b"a"), 0xAF63_DC4C_8601_EC8C);
        assert_eq!(super::fnv1a(b"foobar"), 0x8594_4171_F739_67E8);
    }
}
