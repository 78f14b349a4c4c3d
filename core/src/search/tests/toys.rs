//! Toy searches with a known optimum: words over small alphabets.

use super::super::{Candidate, Choices, Evaluation, History, STRATEGIES, Strategy, StrategyConfig, strategy};
use crate::rng::Streams;

/// The word to be found.
pub const TARGET: [usize; 8] = [2, 0, 1, 3, 1, 0, 2, 1];

/// A limit that every point meets.
pub const ALL: &dyn Fn(&Vec<usize>) -> bool = &|_| true;

/// A limit that about half of all words meet, the target among them.
pub const EVEN: &dyn Fn(&Vec<usize>) -> bool = &|word| word.iter().sum::<usize>() % 2 == 0;

/// Words of eight letters over alphabets of three and four.
pub fn letters() -> Choices {
    Choices::new(vec![3, 3, 4, 4, 3, 3, 3, 3]).expect("every alphabet has letters")
}

/// A separable loss, 0 at the target: how many letters are wrong.
pub fn mismatches(word: &[usize]) -> f64 {
    word.iter().zip(&TARGET).filter(|(letter, wanted)| letter != wanted).count() as f64
}

/// A deceptive loss on words over `{0, 1}`: in every block of three, each 0 helps, but 111 is best of all.
pub fn trap(word: &[usize]) -> f64 {
    let block = |block: &[usize]| match block.iter().sum::<usize>() {
        3 => 0.0,
        ones => 1.0 + ones as f64,
    };
    word.chunks(3).map(block).sum()
}

/// Candidates and their evaluations.
pub type Step = (Vec<Candidate<Vec<usize>>>, Vec<Evaluation<Vec<usize>>>);

/// A strategy on words.
pub type Search = Box<dyn Strategy<Choices> + Send>;

/// Settings under which every strategy shows its nature within some hundred evaluations.
pub fn small() -> StrategyConfig {
    StrategyConfig { population: Some(20), sample: Some(5), iterations: Some(200), ..Default::default() }
}

/// The strategy with the [`small`] settings.
pub fn search(name: &str, seed: u64) -> Search {
    strategy(name, &small(), Streams::new(seed)).expect("a strategy of the list")
}

/// Every name of the list.
pub fn names() -> impl Iterator<Item = &'static str> {
    STRATEGIES.iter().map(|info| info.name)
}

/// One ask, answered with `loss`.
pub fn step(
    search: &mut Search,
    space: &Choices,
    feasible: &dyn Fn(&Vec<usize>) -> bool,
    loss: impl Fn(&Candidate<Vec<usize>>) -> f64,
) -> Step {
    let candidates = search.ask(space, feasible).expect("feasible");
    let told: Vec<_> = candidates.iter().map(|one| one.evaluated(loss(one))).collect();
    search.tell(&told).expect("asked");
    (candidates, told)
}

/// The history of a search for `budget` evaluations.
pub fn history(
    search: &mut Search,
    space: &Choices,
    loss: impl Fn(&[usize]) -> f64,
    budget: usize,
) -> History<Vec<usize>> {
    let mut history = History::new();
    while history.len() < budget {
        for evaluation in step(search, space, ALL, |one| loss(&one.point)).1 {
            history.record(evaluation, true);
        }
    }
    history.truncate(budget);
    history
}
