//! The first 100 bytes of a database.

use super::Damage;

/// How text is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

/// What the header of a database says about its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseHeader {
    /// Page size in bytes.
    pub page_size: u32,
    /// Bytes of a page that hold content; the rest, at its end, is reserved for extensions.
    pub usable: usize,
    /// Whether the file says that it has a write-ahead log.
    pub wal: bool,
    /// Size of the database in pages, where the header's count is valid.
    pub pages: Option<u32>,
    /// Changes with every change of the schema.
    pub cookie: u32,
    /// How text is stored.
    pub encoding: Encoding,
    /// Whether pages move to keep the file small (`auto_vacuum`).
    pub auto_vacuum: bool,
}

impl DatabaseHeader {
    /// Reads the start of page 1.
    pub fn parse(bytes: &[u8]) -> Result<Self, Damage> {
        let bytes = bytes.get(..100).ok_or(Damage::new(1, "the file is shorter than a database header"))?;
        if !bytes.starts_with(b"SQLite format 3\0") {
            return Err(Damage::new(1, "the file does not begin as a database does"));
        }
        let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let page_size = match u16::from_be_bytes([bytes[16], bytes[17]]) {
            1 => 65_536,
            size if size.is_power_of_two() && size >= 512 => u32::from(size),
            _ => return Err(Damage::new(1, "the page size is not a power of two from 512 to 65536")),
        };
        let usable = page_size as usize - usize::from(bytes[20]);
        if usable < 480 {
            return Err(Damage::new(1, "fewer than 480 bytes of a page are usable"));
        }
        let pages = (word(28) > 0 && word(24) == word(92)).then_some(word(28));
        let encoding = match word(56) {
            0 | 1 => Encoding::Utf8,
            2 => Encoding::Utf16Le,
            3 => Encoding::Utf16Be,
            _ => return Err(Damage::new(1, "the text encoding is none of the three")),
        };
        Ok(Self {
            page_size,
            usable,
            wal: bytes[19] == 2,
            pages,
            cookie: word(40),
            encoding,
            auto_vacuum: word(52) != 0,
        })
    }
}
