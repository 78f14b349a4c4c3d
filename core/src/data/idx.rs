//! The IDX format, in which MNIST and its relatives are distributed: a header, then numbers in big-endian order.
//!
//! Two zero bytes, one byte for the element type, one for the number of dimensions, four bytes per dimension, then
//! the elements, the last dimension fastest. Compressed files are recognised and refused, not unpacked. Bytes in
//! errors are counted from 0, as hex editors do.

use super::{Dataset, Targets};
use crate::error::{Error, Result};

/// The first four bytes of a file of pictures: unsigned bytes in three dimensions.
pub const IMAGES_MAGIC: u32 = 0x0000_0803;
/// The first four bytes of a file of labels: unsigned bytes in one dimension.
pub const LABELS_MAGIC: u32 = 0x0000_0801;

/// The type of one element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementType {
    /// Code 0x08: an integer from 0 to 255.
    UnsignedByte,
    /// Code 0x09: an integer from -128 to 127.
    SignedByte,
    /// Code 0x0B: a 16-bit integer.
    Short,
    /// Code 0x0C: a 32-bit integer.
    Integer,
    /// Code 0x0D: a single-precision number.
    Float,
    /// Code 0x0E: a double-precision number.
    Double,
}

impl ElementType {
    fn of_code(code: u8) -> Option<Self> {
        Some(match code {
            0x08 => ElementType::UnsignedByte,
            0x09 => ElementType::SignedByte,
            0x0B => ElementType::Short,
            0x0C => ElementType::Integer,
            0x0D => ElementType::Float,
            0x0E => ElementType::Double,
            _ => return None,
        })
    }

    /// How many bytes an element takes.
    pub fn width(self) -> usize {
        match self {
            ElementType::UnsignedByte | ElementType::SignedByte => 1,
            ElementType::Short => 2,
            ElementType::Integer | ElementType::Float => 4,
            ElementType::Double => 8,
        }
    }
}

/// An IDX file whose header was checked against its length; the elements are borrowed.
#[derive(Debug, Clone, PartialEq)]
pub struct IdxArray<'a> {
    /// The type of every element.
    pub element: ElementType,
    /// The size of each dimension, all at least 1; the last one changes fastest.
    pub dimensions: Vec<usize>,
    /// The elements in big-endian order.
    pub bytes: &'a [u8],
}

impl IdxArray<'_> {
    /// All elements in order.
    pub fn values(&self) -> Vec<f64> {
        self.bytes.chunks_exact(self.element.width()).map(|bytes| self.value(bytes)).collect()
    }

    fn value(&self, bytes: &[u8]) -> f64 {
        let bits = bytes.iter().fold(0u64, |bits, &byte| bits << 8 | u64::from(byte));
        match self.element {
            ElementType::UnsignedByte => f64::from(bits as u8),
            ElementType::SignedByte => f64::from(bits as u8 as i8),
            ElementType::Short => f64::from(bits as u16 as i16),
            ElementType::Integer => f64::from(bits as u32 as i32),
            ElementType::Float => f64::from(f32::from_bits(bits as u32)),
            ElementType::Double => f64::from_bits(bits),
        }
    }
}

fn malformed(what: &str, byte: usize, problem: String) -> Error {
    Error::MalformedData { what: what.to_owned(), line: None, column: Some(byte as u64), problem }
}

/// Reads any IDX file; `what` is what errors call it. Nothing is allocated beyond the list of dimensions.
///
/// # Errors
/// [`Error::MalformedData`] with the byte: no IDX file, compressed, cut short, a dimension of 0, too large, or
/// bytes after the end.
pub fn parse<'a>(what: &str, bytes: &'a [u8]) -> Result<IdxArray<'a>> {
    let fail = |byte: usize, problem: String| Err(malformed(what, byte, problem));
    if bytes.starts_with(&[0x1F, 0x8B]) {
        return fail(0, "this is a gzip-compressed file; decompress it first (`gunzip`)".to_owned());
    }
    let Some((&[first, second, code, rank], rest)) = bytes.split_first_chunk::<4>() else {
        return fail(
            bytes.len(),
            format!("the file ends in its header: it has {} of the first 4 bytes", bytes.len()),
        );
    };
    if first != 0 || second != 0 {
        let found = format!("{first:02x} {second:02x}");
        return fail(usize::from(first == 0), format!("an IDX file begins with two zero bytes, not {found}"));
    }
    let Some(element) = ElementType::of_code(code) else {
        return fail(2, format!("{code:#04x} is no element type; known: 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e"));
    };
    if rank == 0 {
        return fail(3, "the file says it has no dimensions; there must be at least one".to_owned());
    }
    let Some((header, elements)) = rest.split_at_checked(4 * usize::from(rank)) else {
        let needed = 4 + 4 * usize::from(rank);
        let problem = format!("the file ends in its header: {rank} dimensions need {needed} bytes");
        return fail(bytes.len(), problem);
    };
    let mut dimensions = Vec::with_capacity(usize::from(rank));
    let mut length = element.width();
    for (index, size) in header.chunks_exact(4).enumerate() {
        let size = size.iter().fold(0usize, |size, &byte| size << 8 | usize::from(byte));
        let (at, number) = (4 + 4 * index, index + 1);
        if size == 0 {
            return fail(at, format!("dimension {number} is 0; an empty file holds nothing to learn"));
        }
        let Some(longer) = length.checked_mul(size) else {
            return fail(
                at,
                format!("dimension {number} is {size}, which makes the file larger than any memory"),
            );
        };
        length = longer;
        dimensions.push(size);
    }
    if elements.len() < length {
        let (found, sizes) = (elements.len(), sizes(&dimensions));
        return fail(
            bytes.len(),
            format!("the file ends early: {sizes} need {length} bytes of data, but {found} follow"),
        );
    }
    if elements.len() > length {
        let (extra, sizes) = (elements.len() - length, sizes(&dimensions));
        let end = bytes.len() - extra;
        return fail(end, format!("{extra} extra bytes follow the {length} bytes of data that {sizes} need"));
    }
    Ok(IdxArray { element, dimensions, bytes: elements })
}

fn sizes(dimensions: &[usize]) -> String {
    dimensions.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ")
}

/// A data set called `name` from a file of pictures and the file of their labels; pixels are divided by 255.
///
/// There are as many classes as the highest label plus one.
///
/// # Errors
/// [`Error::MalformedData`] with the byte: as [`parse`], a magic number that is not [`IMAGES_MAGIC`] or
/// [`LABELS_MAGIC`], another number of labels than of pictures, or only one class.
pub fn dataset(name: &str, images: &[u8], labels: &[u8]) -> Result<Dataset> {
    let pictures = parse_with_magic("IDX images", images, IMAGES_MAGIC)?;
    let classes = parse_with_magic("IDX labels", labels, LABELS_MAGIC)?;
    let (rows, height, width) = (pictures.dimensions[0], pictures.dimensions[1], pictures.dimensions[2]);
    if classes.dimensions[0] != rows {
        let problem =
            format!("there are {} labels for {rows} images; are the files a pair?", classes.dimensions[0]);
        return Err(malformed("IDX labels", 4, problem));
    }
    let highest = classes.bytes.iter().copied().max().unwrap_or(0);
    if classes.bytes.iter().all(|&label| label == highest) {
        let problem = format!("every label is {highest}; a classifier needs at least two classes");
        return Err(malformed("IDX labels", 8, problem));
    }
    let features = pictures.bytes.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    let labels = classes.bytes.iter().map(|&label| u32::from(label)).collect();
    let targets = Targets::Classes { labels, count: usize::from(highest) + 1 };
    Dataset::new(name, features, height * width, targets, Some([height, width]))
}

fn parse_with_magic<'a>(what: &str, bytes: &'a [u8], magic: u32) -> Result<IdxArray<'a>> {
    let array = parse(what, bytes)?;
    if bytes[..4] != magic.to_be_bytes() {
        let found = bytes[..4].iter().fold(0u32, |found, &byte| found << 8 | u32::from(byte));
        let swapped =
            if [IMAGES_MAGIC, LABELS_MAGIC].contains(&found) { "; are the two files swapped?" } else { "" };
        let problem = format!("the file begins with {found:#010x}, not {magic:#010x}{swapped}");
        return Err(malformed(what, if bytes[2] == 8 { 3 } else { 2 }, problem));
    }
    Ok(array)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn write(code: u8, dimensions: &[u32], elements: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, code, dimensions.len() as u8];
        dimensions.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
        bytes.extend(elements);
        bytes
    }

    fn problem<T: std::fmt::Debug>(outcome: Result<T>) -> String {
        outcome.expect_err("the bytes are malformed").to_string()
    }

    #[test]
    fn pictures_and_labels_become_a_data_set() {
        let images = write(8, &[2, 1, 3], &[0, 51, 255, 102, 0, 0]);
        let data = dataset("pair", &images, &write(8, &[2], &[3, 1])).expect("a pair of files");
        assert_eq!(data.features, [0.0, 0.2, 1.0, 0.4, 0.0, 0.0]);
        assert_eq!((data.rows(), data.columns, data.image), (2, 3, Some([1, 3])));
        assert_eq!(data.targets, Targets::Classes { labels: vec![3, 1], count: 4 });
    }

    #[test]
    fn every_element_type_is_read_with_its_sign() {
        let cases: [(u8, &[u8], f64); 6] = [
            (0x08, &[0xFF], 255.0),
            (0x09, &[0xFF], -1.0),
            (0x0B, &[0xFF, 0xFE], -2.0),
            (0x0C, &[0xFF, 0xFF, 0xFF, 0xFD], -3.0),
            (0x0D, &(-1.5f32).to_be_bytes(), -1.5),
            (0x0E, &0.1f64.to_be_bytes(), 0.1),
        ];
        for (code, element, expected) in cases {
            let bytes = write(code, &[2], &[element, element].concat());
            assert_eq!(parse("test", &bytes).expect("a whole file").values(), [expected, expected]);
        }
    }

    #[test]
    fn every_malformation_is_named_with_its_byte() {
        let cases: [(Vec<u8>, &str); 12] = [
            (vec![], "IDX, byte 0: the file ends in its header: it has 0"),
            (vec![0, 0, 8], "IDX, byte 3: the file ends in its header: it has 3"),
            (vec![0x1F, 0x8B, 8, 0], "IDX, byte 0: this is a gzip-compressed file"),
            (b"\x89PNG".to_vec(), "IDX, byte 0: an IDX file begins with two zero bytes"),
            (vec![0, 1, 8, 1], "IDX, byte 1: an IDX file begins with two zero bytes"),
            (vec![0, 0, 7, 1], "IDX, byte 2: 0x07 is no element type"),
            (vec![0, 0, 8, 0], "IDX, byte 3: the file says it has no dimensions"),
            (
                vec![0, 0, 8, 2, 0, 0, 0, 1],
                "IDX, byte 8: the file ends in its header: 2 dimensions need 12 bytes",
            ),
            (write(8, &[3, 0], &[]), "IDX, byte 8: dimension 2 is 0"),
            (write(8, &[2, 2], &[1, 2, 3]), "IDX, byte 15: the file ends early: 2 x 2 need 4 bytes"),
            (write(8, &[2], &[1, 2, 3, 4]), "IDX, byte 10: 2 extra bytes follow"),
            (write(14, &[u32::MAX; 9], &[]), "larger than any memory"),
        ];
        for (bytes, expected) in cases {
            let message = problem(parse("IDX", &bytes));
            assert!(message.contains(expected), "{message}\nshould say\n{expected}");
        }
    }

    #[test]
    fn files_that_are_no_pair_are_refused() {
        let (images, labels) = (write(8, &[2, 1, 1], &[1, 2]), write(8, &[2], &[0, 1]));
        let cases = [
            (
                dataset("pair", &labels, &images),
                "IDX images, byte 3: the file begins with 0x00000801, not 0x00000803; are",
            ),
            (dataset("pair", &images, &images), "IDX labels, byte 3: the file begins with 0x00000803"),
            (
                dataset("pair", &write(9, &[2, 1, 1], &[1, 2]), &labels),
                "IDX images, byte 2: the file begins with 0x00000903",
            ),
            (
                dataset("pair", &images, &write(8, &[3], &[0, 1, 0])),
                "IDX labels, byte 4: there are 3 labels for 2 images",
            ),
            (dataset("pair", &images, &write(8, &[2], &[1, 1])), "IDX labels, byte 8: every label is 1"),
            (dataset("pair", &images[..17], &labels), "IDX images, byte 17: the file ends early"),
        ];
        for (outcome, expected) in cases {
            let message = problem(outcome);
            assert!(message.starts_with(expected), "{message}\nshould say\n{expected}");
        }
    }

    fn file() -> impl Strategy<Value = (Vec<u32>, Vec<u8>)> {
        proptest::collection::vec(1u32..5, 1..4).prop_flat_map(|dimensions| {
            let length = dimensions.iter().product::<u32>() as usize;
            (Just(dimensions), proptest::collection::vec(any::<u8>(), length))
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again((dimensions, elements) in file()) {
            let bytes = write(8, &dimensions, &elements);
            let array = parse("IDX", &bytes).expect("a whole file");
            prop_assert_eq!(array.dimensions, dimensions.iter().map(|&size| size as usize).collect::<Vec<_>>());
            prop_assert_eq!(array.bytes, &elements[..]);
        }

        #[test]
        fn every_cut_and_every_longer_file_is_refused((dimensions, elements) in file(), part in 0.0f64..1.0) {
            let mut bytes = write(8, &dimensions, &elements);
            let cut = (part * bytes.len() as f64) as usize;
            prop_assert!(parse("IDX", &bytes[..cut]).is_err());
            bytes.push(0);
            prop_assert!(parse("IDX", &bytes).is_err());
        }

        #[test]
        fn random_bytes_never_panic(
            start in 0usize..3,
            bytes in proptest::collection::vec(any::<u8>(), 0..80),
            labels in proptest::collection::vec(any::<u8>(), 0..20)
        ) {
            let mut images = [&[][..], &[0, 0, 8, 3][..], &[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0][..]][start].to_vec();
            images.extend(bytes);
            if let Ok(array) = parse("IDX", &images) {
                prop_assert_eq!(array.values().len(), array.dimensions.iter().product::<usize>());
            }
            if let Ok(data) = dataset("random", &images, &write(8, &[labels.len() as u32], &labels)) {
                prop_assert!(data.check().is_ok());
            }
        }
    }
}
