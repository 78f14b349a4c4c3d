//! Our side of the comparisons with PyTorch: reads the name of a piece of work and a count per line, does it that
//! often, and answers with the shortest time of one in seconds (of a hundred steps for `mos-digits`). The arguments are the
//! number of threads, 1 or 2, and the device: `flex`, or what was built in (`--features cuda`, `wgpu`). The programs of
//! `peers` drive it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::time::Instant;

use burn::prelude::Device;
use switchyard::nn::feed_forward::Sharing;
use switchyard::supernet::provider::Granularity;
use switchyard_benches::encoder::EncoderStep;
use switchyard_benches::mixture::MixtureStep;
use switchyard_benches::supernet;
use switchyard_benches::translation::{DROPOUT, Search, Setting, Size, TranslationStep};

type Step = Box<dyn FnMut() -> f32>;

/// `translation SIZE WHAT [dropout] [side-by-side]`: a way of sharing, or beam search over one or eight sentences with
/// keys and values kept or nothing.
fn translation(words: &[&str], device: &Device) -> Option<Step> {
    let (size, rest) = words.split_first()?;
    let size = Size::ALL.into_iter().find(|known| known.name() == *size)?;
    let (what, options) = rest.split_first()?;
    if *what == "beam" {
        let [sentences, form] = options else { return None };
        let search = Search::new(size, sentences.parse().ok()?, device).ok()?;
        return match *form {
            "kept" => Some(Box::new(move || search.kept().unwrap_or(f32::NAN))),
            "naive" => Some(Box::new(move || search.naive().unwrap_or(f32::NAN))),
            _ => None,
        };
    }
    let granularity = match *what {
        "shared" => None,
        "layer-wise" => Some(Granularity::Layer),
        "neuron-wise" => Some(Granularity::Neuron),
        _ => return None,
    };
    let dropout = if options.contains(&"dropout") { DROPOUT } else { 0.0 };
    let side_by_side = options.contains(&"side-by-side");
    let setting = Setting { size, granularity, dropout, side_by_side };
    let mut step = TranslationStep::new(setting, device).ok()?;
    Some(Box::new(move || step.run().unwrap_or(f32::NAN)))
}

fn work(name: &str, threads: usize, device: &Device) -> Option<Step> {
    let encoder = |sharing| {
        let mut step = EncoderStep::new(sharing, device, threads);
        Some(Box::new(move || step.run()) as Step)
    };
    let mixture = |experts| {
        let mut step = MixtureStep::new(experts, device, threads).ok()?;
        Some(Box::new(move || step.run().unwrap_or(f32::NAN)) as Step)
    };
    if let Some(rest) = name.strip_prefix("translation ") {
        return translation(&rest.split(' ').collect::<Vec<_>>(), device);
    }
    match name {
        "mixture 4" => mixture(4),
        "mixture 64" => mixture(64),
        "encoder shared" => encoder(Sharing::Plain),
        "encoder layer-wise" => encoder(Sharing::LayerWise(2)),
        "encoder neuron-wise" => encoder(Sharing::NeuronWise(2)),
        "mos-digits shared" => supernet::shared(device).ok(),
        "mos-digits layer-wise" => supernet::mixture(Granularity::Layer, device).ok(),
        "mos-digits neuron-wise" => supernet::mixture(Granularity::Neuron, device).ok(),
        _ => None,
    }
}

fn device(name: &str) -> Option<Device> {
    match name {
        "flex" => Some(Device::flex()),
        #[cfg(feature = "cuda")]
        "cuda" => Some(Device::cuda(0)),
        #[cfg(feature = "wgpu")]
        "wgpu" => Some(Device::wgpu(burn::prelude::DeviceKind::DefaultDevice)),
        _ => None,
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let threads = std::env::args().nth(1).map_or(Ok(1), |threads| threads.parse())?;
    let name = std::env::args().nth(2).unwrap_or_else(|| "flex".to_owned());
    let device = device(&name).ok_or_else(|| format!("`{name}` is not built in: `--features {name}`"))?;
    // As the command does it: freed blocks are kept, and this thread is one of those that share large products.
    drop(std::hint::black_box(Vec::<u8>::with_capacity((32 << 20) - 8192)));
    rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread().build_global()?;
    let mut steps: BTreeMap<String, Step> = BTreeMap::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (name, count) = line.rsplit_once('\t').ok_or("a line is a name, a tab and a count")?;
        if !steps.contains_key(name) {
            let step =
                work(name, threads, &device).ok_or_else(|| format!("there is no work called `{name}`"))?;
            steps.insert(name.to_owned(), step);
        }
        let step = steps.get_mut(name).ok_or("the work was inserted above")?;
        let (mut best, mut loss) = (f64::INFINITY, f32::NAN);
        for _ in 0..count.parse::<u32>()? {
            let start = Instant::now();
            loss = step();
            device.sync().map_err(|error| format!("{error:?}"))?;
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!("{best} {loss}");
        std::io::stdout().flush()?;
    }
    Ok(())
}
