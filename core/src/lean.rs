//! Reading parsed JSON into types, in little code.
//!
//! The page reads some fifty types before anything is seen, and what serde derives for each is written out once for
//! every form in which a reader might offer it. This reader offers one form only: a structure is an object, never a
//! list of its fields. What it reads, and what it refuses, is otherwise as with `serde_json::from_value`.

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::de::value::{MapDeserializer, StrDeserializer, StringDeserializer};
use serde::de::{self, DeserializeOwned, DeserializeSeed, Expected, IntoDeserializer, Unexpected, Visitor};
use serde_json::{Map, Value};

/// Reads a value.
///
/// # Errors
/// When it is not of the type: what is missing, unknown or of another kind.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    T::deserialize(Lean(value))
}

/// Why a value is not of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(Cow<'static, str>);

impl Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: Display>(message: T) -> Self {
        Self(Cow::Owned(message.to_string()))
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self(Cow::Borrowed("a value is of another kind"))
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self(Cow::Borrowed("a value is out of range"))
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self(Cow::Borrowed("a list is too short or too long"))
    }

    fn unknown_variant(variant: &str, _: &'static [&'static str]) -> Self {
        Self(Cow::Owned(["`", variant, "` is unknown"].concat()))
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self(Cow::Owned(["`", field, "` is unknown"].concat()))
    }

    fn missing_field(field: &'static str) -> Self {
        Self(Cow::Owned(["`", field, "` is missing"].concat()))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self(Cow::Owned(["`", field, "` stands twice"].concat()))
    }
}

/// A parsed value as what serde reads from.
struct Lean(Value);

fn other_kind<T>() -> Result<T, Problem> {
    Err(Problem(Cow::Borrowed("a value is of another kind")))
}

fn visit_list<'de, V: Visitor<'de>>(items: Vec<Value>, visitor: V) -> Result<V::Value, Problem> {
    let mut items = List(items.into_iter());
    let read = visitor.visit_seq(&mut items)?;
    if items.0.len() == 0 { Ok(read) } else { Err(Problem(Cow::Borrowed("a list is too long"))) }
}

fn visit_object<'de, V: Visitor<'de>>(object: Map<String, Value>, visitor: V) -> Result<V::Value, Problem> {
    let entries = object.into_iter().map(|(key, value)| (Key(key), Lean(value)));
    visitor.visit_map(&mut MapDeserializer::<_, Problem>::new(entries))
}

impl<'de> de::Deserializer<'de> for Lean {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(flag),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (.., Some(number)) => visitor.visit_f64(number),
                _ => other_kind(),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => visit_list(items, visitor),
            Value::Object(object) => visit_object(object, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Object(object) => visit_object(object, visitor),
            _ => other_kind(),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_struct("", &[], visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Array(items) => visit_list(items, visitor),
            _ => other_kind(),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(Variant { name, content: None }),
            Value::Object(object) if object.len() == 1 => match object.into_iter().next() {
                Some((name, content)) => visitor.visit_enum(Variant { name, content: Some(content) }),
                None => other_kind(),
            },
            _ => other_kind(),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Bool(flag) => visitor.visit_bool(flag),
            _ => other_kind(),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::String(text) => visitor.visit_string(text),
            _ => other_kind(),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_string(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_string(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct
    }
}

impl IntoDeserializer<'_, Problem> for Lean {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// A key of an object.
struct Key(String);

impl<'de> IntoDeserializer<'de, Problem> for Key {
    type Deserializer = StringDeserializer<Problem>;

    fn into_deserializer(self) -> Self::Deserializer {
        self.0.into_deserializer()
    }
}

/// The items of a list that are still to be read.
struct List(std::vec::IntoIter<Value>);

impl<'de> de::SeqAccess<'de> for List {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        self.0.next().map(|value| seed.deserialize(Lean(value))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// A variant by its name, and what it holds.
struct Variant {
    name: String,
    content: Option<Value>,
}

impl<'de> de::EnumAccess<'de> for Variant {
    type Error = Problem;
    type Variant = Content;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content), Problem> {
        let name = seed.deserialize(StrDeserializer::<Problem>::new(&self.name))?;
        Ok((name, Content(self.content)))
    }
}

/// What a variant holds.
struct Content(Option<Value>);

impl<'de> de::VariantAccess<'de> for Content {
    type Error = Problem;

    fn unit_variant(self) -> Result<(), Problem> {
        match self.0 {
            None | Some(Value::Null) => Ok(()),
            Some(_) => other_kind(),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Problem> {
        match self.0 {
            Some(value) => seed.deserialize(Lean(value)),
            None => other_kind(),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Some(Value::Array(items)) => visit_list(items, visitor),
            _ => other_kind(),
        }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.0 {
            Some(Value::Object(object)) => visit_object(object, visitor),
            _ => other_kind(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Clone, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Shape {
        Empty,
        Round(f64),
        Pair(i32, u8),
        Named { name: String, size: Option<f32> },
    }

    #[derive(Debug, Clone, PartialEq, Deserialize)]
    struct Whole {
        shapes: Vec<Shape>,
        #[serde(default)]
        flag: bool,
        at: [f64; 2],
        table: BTreeMap<String, (u64, i64)>,
        inner: Option<Box<Whole>>,
    }

    fn whole() -> Value {
        json!({
            "shapes": ["empty", { "round": 1 }, { "pair": [-3, 7] }, { "named": { "name": "a", "size": 0.5 } },
                { "named": { "name": "b", "size": null } }],
            "at": [1, -2.5],
            "table": { "x": [1, -1] },
            "inner": { "shapes": [], "flag": true, "at": [0.0, 0.0], "table": {}, "more": [1, { "a": null }] },
        })
    }

    #[test]
    fn it_reads_what_the_parser_reads() {
        let expected: Whole = serde_json::from_value(whole()).expect("a whole");
        assert_eq!(from_value::<Whole>(whole()), Ok(expected));
    }

    #[test]
    fn it_refuses_what_the_parser_refuses() {
        for (path, value) in [
            ("shapes", json!([{ "square": 1 }])),
            ("shapes", json!(["square"])),
            ("shapes", json!([{ "round": "1" }])),
            ("shapes", json!([{ "empty": 1 }])),
            ("shapes", json!([{ "pair": [1] }])),
            ("shapes", json!([{ "pair": [1, 2, 3] }])),
            ("shapes", json!([{ "pair": [1, 300] }])),
            ("shapes", json!([{ "round": 1, "empty": null }])),
            ("shapes", json!(7)),
            ("flag", json!(1)),
            ("at", json!([1])),
            ("at", json!([1, 2, 3])),
            ("table", json!([])),
            ("table", json!({ "x": [-1, 1] })),
            ("inner", json!({})),
            ("inner", json!([])),
        ] {
            let mut changed = whole();
            changed[path] = value.clone();
            assert!(serde_json::from_value::<Whole>(changed.clone()).is_err(), "{path} {value}");
            assert!(from_value::<Whole>(changed).is_err(), "{path} {value}");
        }
        let problem = from_value::<Whole>(json!({ "shapes": [] })).expect_err("no place").to_string();
        assert_eq!(problem, "`at` is missing");
    }
}
