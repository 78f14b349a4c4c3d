//! Numbers in JSON that come back as they went out, also when they are not finite.
//!
//! JSON has no word for infinity or for "not a number"; `serde_json` writes `null` and then cannot read it back
//! into an `f64`. Fields marked `#[serde(with = "exact")]` write `"nan"`, `"inf"` and `"-inf"` instead.
//! Finite numbers are written as plain numbers. This module formats nothing for people.

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes a value whose numbers may be non-finite.
///
/// # Errors
/// Whatever the serializer says.
pub fn serialize<T: Exact, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.to_wire().serialize(serializer)
}

/// Reads a value written by [`serialize`].
///
/// # Errors
/// When the text is neither a number nor one of the three words.
pub fn deserialize<'de, T: Exact, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::Wire::deserialize(deserializer).map(T::from_wire)
}

/// A value that holds numbers, and the form in which it is written.
pub trait Exact: Sized {
    /// The written form.
    type Wire: Serialize + for<'de> Deserialize<'de>;
    /// To the written form.
    fn to_wire(&self) -> Self::Wire;
    /// From the written form.
    fn from_wire(wire: Self::Wire) -> Self;
}

/// One number as it is written.
pub struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_nan() => serializer.serialize_str("nan"),
            f64::INFINITY => serializer.serialize_str("inf"),
            f64::NEG_INFINITY => serializer.serialize_str("-inf"),
            value => serializer.serialize_f64(value),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Number;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a number, \"nan\", \"inf\" or \"-inf\"")
            }
            fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
                Ok(Number(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Number, E> {
                match text {
                    "nan" => Ok(Number(f64::NAN)),
                    "inf" => Ok(Number(f64::INFINITY)),
                    "-inf" => Ok(Number(f64::NEG_INFINITY)),
                    other => Err(E::custom(format!("`{other}` is not a number"))),
                }
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl Exact for f64 {
    type Wire = Number;
    fn to_wire(&self) -> Number {
        Number(*self)
    }
    fn from_wire(wire: Number) -> Self {
        wire.0
    }
}

impl Exact for String {
    type Wire = String;
    fn to_wire(&self) -> String {
        self.clone()
    }
    fn from_wire(wire: String) -> Self {
        wire
    }
}

impl<T: Exact> Exact for Option<T> {
    type Wire = Option<T::Wire>;
    fn to_wire(&self) -> Self::Wire {
        self.as_ref().map(T::to_wire)
    }
    fn from_wire(wire: Self::Wire) -> Self {
        wire.map(T::from_wire)
    }
}

impl<T: Exact> Exact for Vec<T> {
    type Wire = Vec<T::Wire>;
    fn to_wire(&self) -> Self::Wire {
        self.iter().map(T::to_wire).collect()
    }
    fn from_wire(wire: Self::Wire) -> Self {
        wire.into_iter().map(T::from_wire).collect()
    }
}

impl<A: Exact, B: Exact> Exact for (A, B) {
    type Wire = (A::Wire, B::Wire);
    fn to_wire(&self) -> Self::Wire {
        (self.0.to_wire(), self.1.to_wire())
    }
    fn from_wire(wire: Self::Wire) -> Self {
        (A::from_wire(wire.0), B::from_wire(wire.1))
    }
}

impl Exact for [f64; 2] {
    type Wire = (Number, Number);
    fn to_wire(&self) -> Self::Wire {
        (Number(self[0]), Number(self[1]))
    }
    fn from_wire(wire: Self::Wire) -> Self {
        [wire.0.0, wire.1.0]
    }
}
