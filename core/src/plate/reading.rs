//! Reading plates back from JSON.
//!
//! What stands behind a tag could be derived, but the derived code is large (it reads every plate once for each way
//! in which a tag may stand among its fields), and the page loads it before anything is seen. So the tag is looked up
//! in a parsed value, and the rest is read once.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::data::Scale;
use super::{Plate, exact};
use crate::lean;

/// The object and the text under its tag.
fn tagged<'de, D: Deserializer<'de>>(
    deserializer: D,
    tag: &'static str,
) -> Result<(String, Map<String, Value>), D::Error> {
    let Value::Object(mut object) = Value::deserialize(deserializer)? else {
        return Err(D::Error::custom("an object was expected"));
    };
    match object.remove(tag) {
        Some(Value::String(name)) => Ok((name, object)),
        _ => Err(D::Error::missing_field(tag)),
    }
}

impl<'de> Deserialize<'de> for Plate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (name, object) = tagged(deserializer, "plate")?;
        let value = Value::Object(object);
        let plate = match name.as_str() {
            "scatter" => lean::from_value(value).map(Plate::Scatter),
            "matrix" => lean::from_value(value).map(Plate::Matrix),
            "curve" => lean::from_value(value).map(Plate::Curve),
            "bars" => lean::from_value(value).map(Plate::Bars),
            "table" => lean::from_value(value).map(Plate::Table),
            "verdict" => lean::from_value(value).map(Plate::Verdict),
            "field" => lean::from_value(value).map(Plate::Field),
            "network" => lean::from_value(value).map(Plate::Network),
            "token-strip" => lean::from_value(value).map(Plate::TokenStrip),
            "flow" => lean::from_value(value).map(Plate::Flow),
            "gallery" => lean::from_value(value).map(Plate::Gallery),
            other => return Err(D::Error::custom(format!("there is no plate `{other}`"))),
        };
        plate.map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Scale {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (kind, object) = tagged(deserializer, "kind")?;
        let number = |name: &'static str| {
            let value = object.get(name).ok_or_else(|| D::Error::missing_field(name))?;
            exact::deserialize::<f64, _>(value).map_err(D::Error::custom)
        };
        match kind.as_str() {
            "sequential" => Ok(Scale::Sequential { min: number("min")?, max: number("max")? }),
            "diverging" => Ok(Scale::Diverging { centre: number("centre")?, reach: number("reach")? }),
            other => Err(D::Error::custom(format!("there is no scale `{other}`"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plate_is_refused_with_its_name() {
        for (text, expected) in [
            ("[]", "an object"),
            ("{}", "plate"),
            ("{\"plate\":\"pie\"}", "`pie`"),
            ("{\"plate\":\"curve\"}", "title"),
        ] {
            let error = serde_json::from_str::<Plate>(text).expect_err(text).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn scales_read_back_also_when_a_bound_is_not_finite() {
        for scale in [
            Scale::Sequential { min: 0.0, max: f64::INFINITY },
            Scale::Diverging { centre: -1.5, reach: 2.0 },
        ] {
            let text = serde_json::to_string(&scale).expect("plain data");
            assert_eq!(serde_json::from_str::<Scale>(&text).expect(&text), scale);
        }
    }
}
