//! `switchyard routers`: every token router with its rule, its paper and its pitfall.

use serde_json::{Value, json};
use switchyard::routing::routers::{TOKEN_ROUTERS, TokenRouter, token_router};

use crate::arguments::RoutersArguments;
use crate::error::Result;
use crate::reporter::{Answer, Reporter, Style};

/// Lists all routers, or one.
///
/// # Errors
/// When the named router does not exist.
pub fn routers(arguments: &RoutersArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let shown = match &arguments.router {
        Some(name) => vec![token_router(name)?],
        None => TOKEN_ROUTERS.to_vec(),
    };
    reporter.answer(&Routers { shown })
}

struct Routers {
    shown: Vec<&'static TokenRouter>,
}

impl Answer for Routers {
    fn text(&self, style: Style) -> String {
        let mut text = String::new();
        for router in &self.shown {
            let yes = |is: bool| if is { "yes" } else { "no" };
            text += &format!("{}  {}\n", style.bold(router.name), router.title);
            text += &format!("    paper     {}\n    rule      {}\n", router.paper, router.equation);
            text += &format!("    causal    {}\n", yes(router.is_causal));
            text +=
                &format!("    residual  {}\n", if router.needs_residual { "needed" } else { "not needed" });
            text += &format!("    look out  {}\n\n", router.pitfall);
        }
        text + "Watch one with `switchyard run router-live --set methods=NAME`.\n"
    }

    fn json(&self) -> Value {
        let row = |router: &&TokenRouter| {
            json!({
                "name": router.name,
                "title": router.title,
                "paper": router.paper,
                "equation": router.equation,
                "is_causal": router.is_causal,
                "needs_residual": router.needs_residual,
                "pitfall": router.pitfall,
            })
        };
        json!({ "build_id": switchyard::BUILD, "routers": self.shown.iter().map(row).collect::<Vec<_>>() })
    }

    fn brief(&self) -> String {
        self.shown.iter().map(|router| router.name).collect::<Vec<_>>().join("\n")
    }
}
