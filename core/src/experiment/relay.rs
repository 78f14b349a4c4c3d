//! Between a session and whoever watches it: sorts events into messages. What is worth keeping is passed on at once,
//! scalars wait for the next tick.

use super::message::{Activity, Note, Report, Scalar, Status};
use super::{Event, Session};

/// What is to be told, and what was counted so far.
#[derive(Debug, Default)]
pub struct Relay {
    scalars: Vec<Scalar>,
    /// Tasks finished, and tasks known.
    tasks: [usize; 2],
}

impl Relay {
    /// Takes in events, and returns the reports that are due at once.
    pub fn take_in(&mut self, events: &[Event]) -> Vec<Report> {
        let (mut passed, mut done) = (Vec::new(), None);
        for event in events {
            match event {
                Event::Scalar { task, step, name, value } => self.scalars.push(Scalar {
                    task: task.clone(),
                    step: *step,
                    name: name.clone(),
                    value: value.is_finite().then_some(*value),
                }),
                Event::Stage { tasks, .. } => self.tasks[1] += tasks,
                Event::TaskFinished { .. } => self.tasks[0] += 1,
                Event::Finished { digest, verdict, sentence } => {
                    let (digest, sentence) = (digest.clone(), sentence.clone());
                    done = Some(Report::Done { digest, verdict: *verdict, sentence });
                }
                _ => {}
            }
            passed.extend(Note::of(event));
        }
        let notes = (!passed.is_empty()).then_some(Report::Notes { notes: passed });
        notes.into_iter().chain(done).collect()
    }

    /// How far the run is, with what was measured since this was last asked.
    pub fn tick(&mut self, status: Status) -> Report {
        Report::Tick { status, scalars: std::mem::take(&mut self.scalars) }
    }

    /// How far a session is; a complete one is neither paused nor running.
    pub fn status(&self, session: &Session, activity: Activity, rate: Option<f64>) -> Status {
        Status {
            activity: if session.is_complete() { Activity::Complete } else { activity },
            step: session.steps(),
            total: Some(session.planned_steps()),
            rate,
            task: session.current_task().map(|(name, _)| name.to_owned()),
            tasks: self.tasks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::VerdictWord;

    #[test]
    fn scalars_wait_for_a_tick_and_all_that_is_worth_keeping_is_passed_on() {
        let mut relay = Relay::default();
        let scalar = |value| Event::Scalar { task: "a".into(), step: 1, name: "train_loss".into(), value };
        let finished = Event::Finished {
            digest: "00".into(),
            verdict: VerdictWord::Inconclusive,
            sentence: "Nothing.".into(),
        };
        let stage = Event::Stage { name: "all".into(), tasks: 2 };
        let warning = Event::Warning { text: "Look.".into() };
        let started = Event::TaskStarted { task: "a".into(), steps: 3 };
        let reports = relay.take_in(&[stage, started, warning, scalar(0.5), scalar(f64::NAN), finished]);
        let Report::Notes { notes } = &reports[0] else { panic!("{reports:?}") };
        assert_eq!(notes, &[Note::Warning("Look.".into())]);
        assert!(matches!(&reports[1], Report::Done { digest, .. } if digest == "00"), "{reports:?}");
        assert!(relay.take_in(&[scalar(1.0)]).is_empty());
        let status = Status {
            activity: Activity::Running,
            step: 1,
            total: None,
            rate: None,
            task: None,
            tasks: [0, 0],
        };
        let Report::Tick { scalars, .. } = relay.tick(status.clone()) else { panic!("a tick") };
        assert_eq!(
            scalars.iter().map(|scalar| scalar.value).collect::<Vec<_>>(),
            [Some(0.5), None, Some(1.0)]
        );
        let Report::Tick { scalars, .. } = relay.tick(status) else { panic!("a tick") };
        assert!(scalars.is_empty(), "each is told once");
    }
}
