//! A network's weights: a checked view of a blob.
//! In: bytes, embedded in the program or read at run time. Out: each layer's packed [`Filter`]. Never: copies weights.
#![expect(
    unsafe_code,
    reason = "bytes seen as panels of floats, after their alignment and length were checked"
)]

use core::fmt;

use crate::blob;
use crate::map::Map;

/// Sixteen output channels' worth of one weight: the unit of every packed layout.
type Panel = [f32; 16];

/// A value at a multiple of 64 bytes; for blobs: `static W: Aligned<[u8; N]> = Aligned(*include_bytes!("x.weights"));`
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Aligned<T: ?Sized>(pub T);

/// Where a layer's packed weights lie in a blob: first its bias, then its panels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilterSlot {
    offset: usize,
    bias: usize,
    panels: usize,
}

impl FilterSlot {
    /// `bias_panels` of bias from panel `offset_in_panels` of the payload on, then `panels` of weights.
    pub const fn new(offset_in_panels: usize, bias_panels: usize, panels: usize) -> Self {
        Self {
            offset: offset_in_panels,
            bias: bias_panels,
            panels,
        }
    }

    /// The panel behind the slot's last.
    pub const fn end(&self) -> usize {
        self.offset + self.bias + self.panels
    }
}

/// A layer's packed weights; see [`pack`](crate::pack) for the layouts.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'w> {
    /// One panel for every 16 output channels, zeros behind the last.
    pub bias: &'w [Panel],
    /// The weights.
    pub panels: &'w [Panel],
}

impl<'w> Filter<'w> {
    /// A filter of these panels.
    pub const fn new(bias: &'w [Panel], panels: &'w [Panel]) -> Self {
        Self { bias, panels }
    }

    /// The same with its weights scaled: `scaled` is what [`gate_filter`](crate::gate_filter), or
    /// [`gate_filter_split`](crate::gate_filter_split), made of it.
    ///
    /// # Panics
    /// When it was made of a filter of another size.
    pub const fn gated(self, scaled: Map<'w>) -> Self {
        let (panels, _) = scaled.data().as_chunks();
        assert!(
            panels.len() == self.panels.len(),
            "gates: the scaled weights are those of another filter"
        );
        Self::new(self.bias, panels)
    }
}

/// What a network expects of its blob; the compiler writes it as a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobLayout {
    /// Panels of 16 floats in the payload.
    pub panels: usize,
    /// Hash of the layers' names, shapes and offsets.
    pub fingerprint: u64,
}

impl BlobLayout {
    /// Length of the payload in bytes.
    pub const fn payload_bytes(&self) -> usize {
        self.panels * size_of::<Panel>()
    }

    /// Length of the whole blob in bytes.
    pub const fn blob_bytes(&self) -> usize {
        blob::HEADER_BYTES + self.payload_bytes()
    }
}

/// A view of a checked blob.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'w> {
    payload: &'w [Panel],
}

impl<'w> Weights<'w> {
    /// No weights: for kernels called with filters made elsewhere, and for networks without any.
    pub const fn none() -> Self {
        Self { payload: &[] }
    }

    /// Checks a blob: header, length, network, digest, alignment. Reads all of it once, copies nothing.
    ///
    /// # Errors
    /// When the bytes are not an intact blob for this network in this version's layout; see [`WeightsError`].
    pub fn from_bytes(bytes: &'w [u8], expect: &BlobLayout) -> Result<Self, WeightsError> {
        let payload = check_header(bytes, expect)?;
        if blob::digest(payload) != blob::parse(header_of(bytes)).digest {
            return Err(WeightsError::Damaged);
        }
        // Panels need four bytes, but kernels want cache lines.
        if !bytes.as_ptr().addr().is_multiple_of(64) {
            return Err(WeightsError::Misaligned);
        }
        Ok(Self::over(payload))
    }

    /// A blob that is part of the program: the header is checked, the digest is not.
    ///
    /// # Panics
    /// When the blob is not for this network; rebuild it together with the network's source.
    pub const fn embedded<const N: usize>(
        blob: &'static Aligned<[u8; N]>,
        expect: &BlobLayout,
    ) -> Self {
        let payload = match check_header(&blob.0, expect) {
            Ok(payload) => payload,
            Err(_) => panic!(
                "the embedded weights are not this network's: compile its spec and weights again"
            ),
        };
        Self::over(payload)
    }

    /// The payload of a blob that starts at a multiple of 64 bytes, so the payload does too.
    const fn over(payload: &'w [u8]) -> Self {
        // SAFETY: any 64 bytes are 16 floats, aligned by the caller's check or type; the length is rounded down.
        let payload = unsafe {
            core::slice::from_raw_parts(payload.as_ptr().cast(), payload.len() / size_of::<Panel>())
        };
        Self { payload }
    }

    /// A layer's packed filter.
    ///
    /// # Panics
    /// When the slot leaves the blob.
    #[inline]
    pub fn filter(&self, slot: FilterSlot) -> Filter<'w> {
        assert!(
            slot.end() <= self.payload.len(),
            "a filter leaves the weight blob"
        );
        let (bias, panels) = self.payload[slot.offset..slot.end()].split_at(slot.bias);
        Filter { bias, panels }
    }
}

const fn header_of(bytes: &[u8]) -> &[u8; blob::HEADER_BYTES] {
    bytes.first_chunk().expect("the length was checked")
}

/// Everything about the bytes but their alignment and digest; gives the payload.
const fn check_header<'w>(bytes: &'w [u8], expect: &BlobLayout) -> Result<&'w [u8], WeightsError> {
    let Some((header, payload)) = bytes.split_first_chunk::<{ blob::HEADER_BYTES }>() else {
        return Err(WeightsError::TooShort { bytes: bytes.len() });
    };
    let header = blob::parse(header);
    if u64::from_le_bytes(header.magic) != u64::from_le_bytes(blob::MAGIC) {
        return Err(WeightsError::NotABlob);
    }
    if header.version != blob::VERSION {
        return Err(WeightsError::Version {
            found: header.version,
        });
    }
    if header.element != blob::ELEMENT_F32 {
        return Err(WeightsError::Element {
            found: header.element,
        });
    }
    if header.fingerprint != expect.fingerprint {
        return Err(WeightsError::OtherNetwork);
    }
    if header.payload_bytes != payload.len() as u64 || payload.len() != expect.payload_bytes() {
        return Err(WeightsError::Length {
            found: bytes.len(),
            expected: expect.blob_bytes(),
        });
    }
    Ok(payload)
}

/// Why bytes are not a network's weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeightsError {
    /// Fewer bytes than a header.
    TooShort {
        /// How many there are.
        bytes: usize,
    },
    /// The magic number is missing.
    NotABlob,
    /// Another layout version.
    Version {
        /// The blob's.
        found: u32,
    },
    /// Elements that are not `f32`.
    Element {
        /// The blob's element type.
        found: u32,
    },
    /// A blob for a network with other layers.
    OtherNetwork,
    /// Cut off, or with something behind it.
    Length {
        /// Bytes in the blob.
        found: usize,
        /// Bytes the network needs.
        expected: usize,
    },
    /// The payload does not have the digest in the header.
    Damaged,
    /// The bytes do not start at a multiple of 64.
    Misaligned,
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { bytes } => {
                write!(f, "{bytes} bytes are too few for a weight blob: make one with `mnetc pack`")
            }
            Self::NotABlob => f.write_str("these bytes are not a weight blob: make one with `mnetc pack`"),
            Self::Version { found } => write!(
                f,
                "the weight blob has layout version {found}, this program reads version {}: pack the weights with the \
                 mnetc that compiled the network",
                blob::VERSION
            ),
            Self::Element { found } => write!(
                f,
                "the weight blob has elements of type {found}, the network wants f32 (0): pack the weights for this \
                 network"
            ),
            Self::OtherNetwork => {
                f.write_str("the weight blob belongs to another network: pack the weights for this network's spec")
            }
            Self::Length { found, expected } => write!(
                f,
                "the weight blob is {found} bytes long, the network needs {expected}: it was cut off or has something \
                 behind it, so copy it again"
            ),
            Self::Damaged => {
                f.write_str("the weight blob is damaged (its digest does not match): copy or pack it again")
            }
            Self::Misaligned => f.write_str(
                "the weight blob does not start at a multiple of 64 bytes: hold it in `Aligned` (a static) or \
                 `AlignedBytes` (read at run time)",
            ),
        }
    }
}

impl core::error::Error for WeightsError {}

/// Bytes on the heap at a multiple of 64, in large pages where the system has them: for blobs read at run time, and for
/// embedded ones where every microsecond counts. Dereferences to the bytes.
#[cfg(feature = "alloc")]
#[derive(Debug)]
pub struct AlignedBytes(crate::pages::Pages);

#[cfg(feature = "alloc")]
impl AlignedBytes {
    /// A copy of these bytes.
    pub fn copy_of(bytes: &[u8]) -> Self {
        let mut pages = crate::pages::Pages::zeroed(bytes.len());
        pages.as_mut_slice().copy_from_slice(bytes);
        Self(pages)
    }
}

#[cfg(feature = "alloc")]
impl Clone for AlignedBytes {
    fn clone(&self) -> Self {
        Self::copy_of(self)
    }
}

#[cfg(feature = "alloc")]
impl core::ops::Deref for AlignedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.as_slice()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;
    #[cfg(feature = "alloc")]
    use std::vec::Vec;

    const LAYOUT: BlobLayout = BlobLayout {
        panels: 2,
        fingerprint: 42,
    };
    type Blob = Aligned<[u8; LAYOUT.blob_bytes()]>;

    fn good() -> Blob {
        let mut payload = [0; LAYOUT.payload_bytes()];
        for (word, i) in payload.as_chunks_mut::<4>().0.iter_mut().zip(0..) {
            *word = (i as f32).to_le_bytes();
        }
        let mut blob = Aligned([0; LAYOUT.blob_bytes()]);
        blob.0[..64].copy_from_slice(&blob::header(&payload, 42));
        blob.0[64..].copy_from_slice(&payload);
        blob
    }

    fn error(change: impl FnOnce(&mut Blob)) -> WeightsError {
        let mut blob = good();
        change(&mut blob);
        Weights::from_bytes(&blob.0, &LAYOUT).expect_err("the blob was broken")
    }

    #[test]
    fn a_good_blob_gives_its_filters() {
        let blob = good();
        let weights = Weights::from_bytes(&blob.0, &LAYOUT).expect("the blob is good");
        let filter = weights.filter(FilterSlot::new(0, 1, 1));
        assert_eq!(
            (filter.bias.len(), filter.bias[0][1], filter.panels[0][15]),
            (1, 1.0, 31.0)
        );
    }

    static EMBEDDED: Aligned<
        [u8; BlobLayout {
            panels: 1,
            fingerprint: 7,
        }
        .blob_bytes()],
    > = Aligned({
        let mut blob = [0; 128];
        let mut i = 0;
        while i < 8 {
            blob[i] = blob::MAGIC[i];
            i += 1;
        }
        blob[8] = blob::VERSION as u8;
        blob[16] = 64;
        blob[24] = 7;
        blob
    });

    #[test]
    fn an_embedded_blob_is_checked_while_compiling() {
        const WEIGHTS: Weights<'static> = Weights::embedded(
            &EMBEDDED,
            &BlobLayout {
                panels: 1,
                fingerprint: 7,
            },
        );
        assert_eq!(WEIGHTS.filter(FilterSlot::new(0, 0, 1)).panels, [[0.0; 16]]);
    }

    #[test]
    #[should_panic(expected = "not this network's")]
    fn an_embedded_blob_of_another_network_is_a_bug() {
        let _ = Weights::embedded(
            &EMBEDDED,
            &BlobLayout {
                panels: 1,
                fingerprint: 8,
            },
        );
    }

    #[test]
    fn a_broken_blob_says_how() {
        assert_eq!(
            Weights::from_bytes(&[0; 63], &LAYOUT).err(),
            Some(WeightsError::TooShort { bytes: 63 })
        );
        assert_eq!(error(|b| b.0[0] = b'{'), WeightsError::NotABlob);
        assert_eq!(error(|b| b.0[8] = 9), WeightsError::Version { found: 9 });
        assert_eq!(error(|b| b.0[12] = 1), WeightsError::Element { found: 1 });
        assert_eq!(error(|b| b.0[24] = 43), WeightsError::OtherNetwork);
        assert_eq!(
            error(|b| b.0[16] = 64),
            WeightsError::Length {
                found: 192,
                expected: 192
            }
        );
        assert_eq!(error(|b| b.0[191] ^= 1), WeightsError::Damaged);
        assert_eq!(error(|b| b.0[33] ^= 1), WeightsError::Damaged);
    }

    #[test]
    fn a_cut_or_long_blob_has_the_wrong_length() {
        let cut = good();
        let expected = Some(WeightsError::Length {
            found: 188,
            expected: 192,
        });
        assert_eq!(Weights::from_bytes(&cut.0[..188], &LAYOUT).err(), expected);
        let larger = BlobLayout {
            panels: 3,
            ..LAYOUT
        };
        let expected = Some(WeightsError::Length {
            found: 192,
            expected: 256,
        });
        assert_eq!(Weights::from_bytes(&cut.0, &larger).err(), expected);
    }

    #[test]
    fn a_blob_off_its_cache_line_is_refused() {
        #[repr(C, align(64))]
        struct Shifted([u8; 4], [u8; LAYOUT.blob_bytes()]);
        let shifted = Shifted([0; 4], good().0);
        assert_eq!(
            Weights::from_bytes(&shifted.1, &LAYOUT).err(),
            Some(WeightsError::Misaligned)
        );
    }

    #[test]
    fn every_error_says_what_to_do() {
        for (error, words) in [
            (
                WeightsError::TooShort { bytes: 3 },
                "3 bytes are too few for a weight blob: make one with `mnetc pack`",
            ),
            (
                WeightsError::Misaligned,
                "the weight blob does not start at a multiple of 64 bytes: hold it in `Aligned` (a static) or `AlignedBytes` (read at run time)",
            ),
        ] {
            assert_eq!(error.to_string(), words);
        }
    }

    #[test]
    #[should_panic(expected = "a filter leaves the weight blob")]
    fn a_filter_outside_the_blob_is_a_bug() {
        let blob = good();
        Weights::from_bytes(&blob.0, &LAYOUT)
            .expect("the blob is good")
            .filter(FilterSlot::new(1, 1, 1));
    }

    #[cfg(feature = "alloc")]
    #[test]
    fn aligned_bytes_are_the_bytes_aligned() {
        for length in [0, 1, 63, 64, 65, 192] {
            let bytes: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let copy = AlignedBytes::copy_of(&bytes);
            assert_eq!(*copy, *bytes);
            assert_eq!(copy.as_ptr().addr() % 64, 0);
        }
        let copy = AlignedBytes::copy_of(&good().0);
        assert!(Weights::from_bytes(&copy, &LAYOUT).is_ok());
    }
}
