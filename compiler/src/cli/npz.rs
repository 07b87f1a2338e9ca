//! The `.npz` format of NumPy: a zip archive of `.npy` files, here stored without compression.
//!
//! In: names and contents. Out: the archive's bytes, the same every time. Never: reads one.

/// An archive of `arrays`, each found under its name.
pub(super) fn write(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in arrays {
        let offset = size(archive.len());
        let name = format!("{name}.npy");
        let entry = entry(&name, content);
        archive.extend(b"PK\x03\x04");
        archive.extend(&entry);
        archive.extend(name.bytes());
        archive.extend(content);
        // Made by version 2.0; no comment, first disk, a binary file without attributes.
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&entry);
        directory.extend([0; 10]);
        directory.extend(offset);
        directory.extend(name.bytes());
    }
    let (count, start) = (u16::try_from(arrays.len()), size(archive.len()));
    let count = count.expect("a network has few outputs").to_le_bytes();
    let length = size(directory.len());
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\x00\x00\x00\x00");
    archive.extend([count, count].concat());
    archive.extend(length);
    archive.extend(start);
    archive.extend([0; 2]);
    archive
}

/// What the local header and the directory have in common: version 2.0, no flags, stored, 1 January 1980, checksum,
/// both sizes, the length of the name, nothing extra.
fn entry(name: &str, content: &[u8]) -> Vec<u8> {
    let mut entry = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
    entry.extend(crc32(content).to_le_bytes());
    entry.extend([size(content.len()), size(content.len())].concat());
    entry.extend(
        u16::try_from(name.len())
            .expect("an identifier is short")
            .to_le_bytes(),
    );
    entry.extend([0; 2]);
    entry
}

fn size(length: usize) -> [u8; 4] {
    u32::try_from(length)
        .expect("outputs are smaller than 4 GiB")
        .to_le_bytes()
}

/// The checksum of zip: reflected, polynomial 0xEDB88320.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| crc >> 1 ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
    let table: [u32; 256] = std::array::from_fn(|byte| (0..8).fold(byte as u32, step));
    !bytes.iter().fold(!0, |crc, byte| {
        table[usize::from(crc as u8 ^ byte)] ^ crc >> 8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_has_its_published_value() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn an_archive_is_laid_out_as_zip_says() {
        let archive = write(&[("a", b"xy".to_vec()), ("bc", vec![])]);
        let local = 30 + "a.npy".len() + 2;
        let second = 30 + "bc.npy".len();
        let directory = local + second;
        assert_eq!(archive[local..local + 4], *b"PK\x03\x04");
        assert_eq!(archive[35..37], *b"xy");
        assert_eq!(archive[directory..directory + 4], *b"PK\x01\x02");
        let entry = 46 + "a.npy".len();
        assert_eq!(archive[directory + 46..directory + entry], *b"a.npy");
        let offset = directory + entry + 42;
        assert_eq!(archive[offset..offset + 4], size(local));
        let end = archive.len() - 22;
        assert_eq!(archive[end..end + 4], *b"PK\x05\x06");
        assert_eq!(archive[end + 8..end + 12], [2, 0, 2, 0]);
        assert_eq!(archive[end + 16..end + 20], size(directory));
        assert_eq!(archive[end + 12..end + 16], size(end - directory));
    }
}
