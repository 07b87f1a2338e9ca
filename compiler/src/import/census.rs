//! Counts what a model file holds before anything is decoded.
//!
//! Two bytes of a file can stand for a message of hundreds of bytes in memory, so the number of fields is bounded, not
//! only the size of the file. Tensor data is exempt where it takes as much memory as the file has bytes for it.
//!
//! In: bytes. Out: nothing, or which bound is exceeded. Never: allocates, judges what is not its business: bytes that are
//! malformed are left for the decoder to explain.

/// More nodes than any network has.
const MOST_NODES: usize = 1_000_000;

/// More fields than the structure of any model has: a MobileNet has a few thousand.
const MOST_FIELDS: usize = 2_000_000;

/// Bytes of numbers packed as varints, which may grow eightfold.
const MOST_VARINT_BYTES: usize = 64 << 20;

/// Checks that decoding `bytes` takes bounded memory.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let mut census = Census::default();
    census.message(Scope::Model, bytes);
    if census.nodes > MOST_NODES {
        return Err(format!("it has more than {MOST_NODES} nodes"));
    }
    if census.fields > MOST_FIELDS {
        return Err(format!("it has more than {MOST_FIELDS} fields"));
    }
    if census.varint_bytes > MOST_VARINT_BYTES {
        return Err(format!(
            "it has more than {MOST_VARINT_BYTES} bytes of integers in lists"
        ));
    }
    Ok(())
}

/// Which message a piece of the file is; everything else is counted as one field.
#[derive(Clone, Copy)]
enum Scope {
    Model,
    Graph,
    Function,
    Node,
    Attribute,
    Tensor,
    Other,
}

impl Scope {
    /// What the field of this number holds.
    const fn inside(self, field: u64) -> Option<Self> {
        match (self, field) {
            (Self::Model, 7) => Some(Self::Graph),
            (Self::Model, 25) => Some(Self::Function),
            (Self::Graph, 1) | (Self::Function, 7) => Some(Self::Node),
            (Self::Graph, 5) | (Self::Attribute, 5) => Some(Self::Tensor),
            (Self::Node, 5) | (Self::Function, 11) => Some(Self::Attribute),
            (Self::Model, 8)
            | (Self::Graph, 11..=13)
            | (Self::Tensor, 13)
            | (Self::Other, 1 | 2) => Some(Self::Other),
            _ => None,
        }
    }

    /// Whether the field of this number is a list of varints.
    const fn is_varints(self, field: u64) -> bool {
        matches!(
            (self, field),
            (Self::Tensor, 1 | 5 | 7) | (Self::Attribute, 8)
        )
    }
}

#[derive(Default)]
struct Census {
    nodes: usize,
    fields: usize,
    varint_bytes: usize,
}

impl Census {
    fn message(&mut self, scope: Scope, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.fields <= MOST_FIELDS {
            let Some((key, rest)) = varint(bytes) else {
                return;
            };
            self.fields += 1;
            let (field, wire_type) = (key >> 3, key & 7);
            let skipped = match wire_type {
                0 => varint(rest).map(|(_, rest)| rest),
                1 => rest.get(8..),
                2 => self.payload(scope, field, rest),
                5 => rest.get(4..),
                // Groups are in no ONNX file; the decoder bounds them.
                _ => None,
            };
            let Some(rest) = skipped else { return };
            bytes = rest;
        }
    }

    /// A field with a length: looked into where it is a message of the structure. Gives what follows it.
    fn payload<'b>(&mut self, scope: Scope, field: u64, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let (length, rest) = varint(bytes)?;
        let (payload, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        if scope.is_varints(field) {
            self.varint_bytes += payload.len();
        }
        if let Some(inside) = scope.inside(field) {
            if matches!(inside, Scope::Node) {
                self.nodes += 1;
            }
            self.message(inside, payload);
        }
        Some(rest)
    }
}

/// A number in base 128, least significant digits first.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (i, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7F) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[i + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field with a length.
    fn field(number: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2];
        let mut length = payload.len();
        while length >= 0x80 {
            bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        [&bytes[..], payload].concat()
    }

    #[test]
    fn empty_nodes_are_counted_before_they_are_decoded() {
        let nodes = [0x0A, 0].repeat(MOST_NODES + 1);
        let error = check(&field(7, &nodes)).expect_err("too many");
        assert_eq!(error, "it has more than 1000000 nodes");
        assert_eq!(check(&field(7, &nodes[2..])), Ok(()));
    }

    #[test]
    fn fields_and_integers_are_bounded_wherever_they_stand() {
        let attributes = [0x2A, 0].repeat(MOST_FIELDS);
        let model = field(7, &field(1, &attributes));
        assert!(check(&model).expect_err("too many").contains("fields"));
        let integers = vec![0; MOST_VARINT_BYTES + 1];
        let model = field(7, &field(5, &field(7, &integers)));
        assert!(check(&model).expect_err("too many").contains("integers"));
        let raw = field(7, &field(5, &field(9, &integers)));
        assert_eq!(check(&raw), Ok(()), "raw data is what it is");
    }

    #[test]
    fn malformed_bytes_are_the_decoders() {
        for bytes in [&[0xFF; 20][..], &[0x3A, 0x7F], &[0x0B], &[0x0D, 1]] {
            assert_eq!(check(bytes), Ok(()));
        }
    }
}
