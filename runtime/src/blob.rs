//! The weight blob: a 64-byte header, then the payload, panels of 16 little-endian `f32`.
//! Written by the compiler, checked by [`Weights::from_bytes`](crate::Weights::from_bytes). Never: knows what the panels mean.
//!
//! ```text
//! byte  0        8         12          16              24            32       40          64
//!       | magic  | version | element   | payload bytes | fingerprint | digest | zeros     | payload ...
//!       | 8 x u8 | u32     | u32 0=f32 | u64           | u64         | u64    | 24 x u8   |
//! ```

/// The header's length; the payload starts here.
pub const HEADER_BYTES: usize = 64;
/// The first eight bytes of every blob: a byte no text starts with, then the name.
pub const MAGIC: [u8; 8] = *b"\x93mnetc\r\n";
/// The version of the header and of every packed layout in [`pack`](crate::pack).
pub const VERSION: u32 = 2;
/// The element type of a blob of `f32`.
pub const ELEMENT_F32: u32 = 0;

/// A header's fields as they stand in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// [`MAGIC`].
    pub magic: [u8; 8],
    /// [`VERSION`].
    pub version: u32,
    /// [`ELEMENT_F32`].
    pub element: u32,
    /// Length of the payload in bytes.
    pub payload_bytes: u64,
    /// Which network's layout the payload has: a hash of tensor names, shapes and offsets.
    pub fingerprint: u64,
    /// [`digest`] of the payload.
    pub digest: u64,
}

/// The header of a blob with this `f32` payload.
pub fn header(payload: &[u8], fingerprint: u64) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
    bytes[12..16].copy_from_slice(&ELEMENT_F32.to_le_bytes());
    bytes[16..24].copy_from_slice(&(payload.len() as u64).to_le_bytes());
    bytes[24..32].copy_from_slice(&fingerprint.to_le_bytes());
    bytes[32..40].copy_from_slice(&digest(payload).to_le_bytes());
    bytes
}

/// The fields of a header.
pub const fn parse(bytes: &[u8; HEADER_BYTES]) -> Header {
    let mut magic = [0; 8];
    let mut i = 0;
    while i < 8 {
        magic[i] = bytes[i];
        i += 1;
    }
    Header {
        magic,
        version: word(bytes, 8, 4) as u32,
        element: word(bytes, 12, 4) as u32,
        payload_bytes: word(bytes, 16, 8),
        fingerprint: word(bytes, 24, 8),
        digest: word(bytes, 32, 8),
    }
}

const fn word(bytes: &[u8; HEADER_BYTES], at: usize, length: usize) -> u64 {
    let mut value = 0;
    let mut i = length;
    while i > 0 {
        i -= 1;
        value = value << 8 | bytes[at + i] as u64;
    }
    value
}

/// A 64-bit digest that notices damage; no defence against intent.
///
/// Four lanes each take every fourth little-endian 8-byte word: `p = (lane ^ word) * P; lane = p ^ p >> 29`; the tail is
/// padded with zeros to 32 bytes, the length is mixed in last. Independent lanes keep the multiplier busy.
pub fn digest(bytes: &[u8]) -> u64 {
    const P: u64 = 0x9E37_79B1_85EB_CA87;
    let mut lanes = [P, P.rotate_left(16), P.rotate_left(32), P.rotate_left(48)];
    let mut mix = |chunk: &[u8; 32]| {
        for (lane, word) in lanes.iter_mut().zip(chunk.as_chunks::<8>().0) {
            let product = (*lane ^ u64::from_le_bytes(*word)).wrapping_mul(P);
            *lane = product ^ product >> 29;
        }
    };
    let (chunks, tail) = bytes.as_chunks::<32>();
    chunks.iter().for_each(&mut mix);
    let mut last = [0; 32];
    last[..tail.len()].copy_from_slice(tail);
    mix(&last);
    let mut hash = bytes.len() as u64;
    for lane in lanes {
        hash = (hash ^ lane).wrapping_mul(P);
        hash ^= hash >> 32;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_reads_back() {
        let payload = [7; 64];
        let read = parse(&header(&payload, 0x0123_4567_89AB_CDEF));
        assert_eq!(
            read,
            Header {
                magic: MAGIC,
                version: VERSION,
                element: ELEMENT_F32,
                payload_bytes: 64,
                fingerprint: 0x0123_4567_89AB_CDEF,
                digest: digest(&payload),
            }
        );
    }

    #[test]
    fn a_digest_sees_every_bit_and_the_length() {
        let bytes: std::vec::Vec<u8> = (0..100).map(|i| i as u8).collect();
        let mut seen = std::collections::BTreeSet::from([digest(&bytes)]);
        for bit in 0..800 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(seen.insert(digest(&damaged)), "bit {bit}");
        }
        for length in 0..100 {
            assert!(seen.insert(digest(&bytes[..length])), "length {length}");
        }
        assert_ne!(digest(&[0; 8]), digest(&[0; 16]));
    }

    /// Files written yesterday must still be read: the digest never changes within a layout version.
    #[test]
    fn a_digest_is_the_same_for_ever() {
        assert_eq!(digest(b""), 0x78EF_1564_7995_2A20);
        assert_eq!(digest(b"mnetc"), 0x7749_08B0_3CF9_F772);
    }
}
