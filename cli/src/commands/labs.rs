//! `switchyard labs`: every preset by name, or one preset's fields with their ranges.

use serde_json::{Value, json};
use switchyard::experiment::{Checked, Experiment, Lab, Preset, Registry};

use crate::arguments::LabsArguments;
use crate::error::Result;
use crate::reporter::{Answer, Reporter, Style};

/// Lists the presets, or shows one.
///
/// # Errors
/// When the named preset does not exist.
pub fn labs(arguments: &LabsArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let registry = Registry::standard();
    match &arguments.preset {
        Some(name) => reporter.answer(&Shown { checked: registry.check(&Experiment::new(name.as_str()))? }),
        None => reporter.answer(&Listed { presets: registry.presets().collect() }),
    }
}

fn described(lab: &dyn Lab, preset: &Preset) -> Value {
    let paper = lab.paper();
    json!({
        "name": preset.name,
        "lab": lab.name(),
        "summary": preset.summary,
        "duration": preset.duration,
        "paper": { "title": paper.title, "reference": paper.reference },
        "claim": paper.claim,
    })
}

/// Every preset.
struct Listed {
    presets: Vec<(&'static dyn Lab, &'static Preset)>,
}

impl Answer for Listed {
    fn text(&self, style: Style) -> String {
        let mut text = String::new();
        for (lab, preset) in &self.presets {
            let paper = lab.paper();
            text += &format!("{}  {}\n", style.bold(preset.name), preset.summary);
            text += &format!("    lab       {}\n    duration  {}\n", lab.name(), preset.duration);
            text += &format!("    paper     {} ({})\n", paper.title, paper.reference);
            text += &format!("    claim     {}\n\n", paper.claim);
        }
        text + "Run one with `switchyard run NAME`; see its fields with `switchyard labs NAME`.\n"
    }

    fn json(&self) -> Value {
        json!({
            "build_id": switchyard::BUILD,
            "presets": self.presets.iter().map(|(lab, preset)| described(*lab, preset)).collect::<Vec<_>>(),
        })
    }

    fn brief(&self) -> String {
        self.presets.iter().map(|(_, preset)| preset.name).collect::<Vec<_>>().join("\n")
    }
}

/// One preset with its fields.
struct Shown {
    checked: Checked,
}

impl Answer for Shown {
    fn text(&self, style: Style) -> String {
        let preset = self.checked.preset();
        let mut text = format!("{}  {}\n\n", style.bold(preset.name), preset.summary);
        for (field, value) in self.checked.values() {
            let unit = if field.unit.is_empty() { String::new() } else { format!(" {}", field.unit) };
            text += &format!("{} = {value}{unit}\n", style.bold(field.key));
            text += &format!("    {} ({})\n", field.help, field.kind.range());
        }
        text + &format!("\nChange a field with `switchyard run {} --set KEY=VALUE`.\n", preset.name)
    }

    fn json(&self) -> Value {
        let mut described = described(self.checked.lab(), self.checked.preset());
        let fields = self.checked.values().map(|(field, value)| {
            let mut described = field.describe();
            described["value"] = value.to_json();
            described
        });
        described["fields"] = fields.collect();
        described["build_id"] = json!(switchyard::BUILD);
        described
    }

    fn brief(&self) -> String {
        let lines = self.checked.values().map(|(field, value)| format!("{}={value}", field.key));
        lines.collect::<Vec<_>>().join("\n")
    }
}
