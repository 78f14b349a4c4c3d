//! Between the address and the experiment: links in, links out, lessons, and what Back means.

use switchyard::experiment::{Checked, Experiment, Link, Presentation, Showing};

use super::{BadLink, Effect, FIRST_LESSON, Model, Promise, Refusal, STEADY};

/// What a link that is given away shall hold beside the experiment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sharing {
    /// Run to the step that is shown now.
    pub step: bool,
    /// The digest of what is shown now, so that whoever opens it sees whether the replay is exact.
    pub digest: bool,
    /// The lesson and its step.
    pub lesson: bool,
    /// Only pictures and run controls, for a frame in another page.
    pub embed: bool,
}

impl Model {
    /// Opens what the address says. An address without a fragment is a first visit.
    pub(super) fn navigate(&mut self, fragment: &str, effects: &mut Vec<Effect>) {
        if self.comes_back_from_file(fragment, effects) {
            return;
        }
        self.bad_link = None;
        self.refused.clear();
        let fragment = fragment.trim();
        if fragment.is_empty() || fragment == "#" {
            return self.welcome(effects);
        }
        match self.read(fragment) {
            Ok((link, presentation)) => {
                let unchanged = !self.panes.is_empty()
                    && self.checked.experiment() == &link.0
                    && self.versus.as_ref().map(Checked::experiment) == link.1.as_ref();
                self.presentation = presentation;
                self.until = link.2;
                self.promise = link.3;
                if unchanged && self.promise.is_none() && self.until.is_none() {
                    return;
                }
                match self.check_both(&link.0, link.1.as_ref()) {
                    Ok((checked, versus)) => {
                        (self.checked, self.versus) = (checked, versus);
                        self.playing = true;
                        self.reopen(effects);
                    }
                    Err(reason) => self.refuse_link(fragment, reason),
                }
            }
            Err(reason) => self.refuse_link(fragment, reason),
        }
    }

    fn refuse_link(&mut self, fragment: &str, reason: String) {
        self.bad_link = Some(BadLink { fragment: fragment.to_owned(), reason });
    }

    fn check_both(
        &self,
        first: &Experiment,
        second: Option<&Experiment>,
    ) -> Result<(Checked, Option<Checked>), String> {
        let check = |experiment| self.registry.check(experiment).map_err(|error| error.to_string());
        Ok((check(first)?, second.map(check).transpose()?))
    }

    #[allow(clippy::type_complexity, reason = "taken apart by its only caller")]
    fn read(
        &self,
        fragment: &str,
    ) -> Result<((Experiment, Option<Experiment>, Option<u64>, Option<Promise>), Presentation), String> {
        let link = Link::parse(&self.registry, fragment).map_err(|error| error.to_string())?;
        let presentation = Presentation::parse(link.ui.as_deref().unwrap_or_default());
        let presentation = presentation.map_err(|error| error.to_string())?;
        let promise = link.digest.map(|digest| Promise::new(digest, link.build, link.until));
        Ok(((link.experiment, link.versus, link.until, promise), presentation))
    }

    /// The first visit: the first lesson, already running.
    fn welcome(&mut self, effects: &mut Vec<Effect>) {
        let fresh = Self::new(self.registry);
        self.checked = fresh.checked;
        (self.versus, self.until, self.promise) = (None, None, None);
        self.first_visit = true;
        self.presentation =
            Presentation { lesson: Some(FIRST_LESSON.to_owned()), step: Some(1), ..Presentation::default() };
        self.playing = true;
        // What is at its end before it is looked at teaches nothing.
        (self.pace, self.welcoming) = (Some(STEADY), true);
        self.reopen(effects);
    }

    /// Sets one field. What is refused stays in the field with the reason; nothing else changes.
    pub(super) fn set(&mut self, key: &str, text: &str, settled: bool, effects: &mut Vec<Effect>) {
        match self.with(&self.checked, &[(key.to_owned(), text.to_owned())]) {
            Ok(checked) => {
                self.refused.remove(key);
                self.accept(checked, settled, effects);
            }
            Err(reason) => {
                effects.push(Effect::Announce(reason.clone()));
                self.refused.insert(key.to_owned(), Refusal { text: text.to_owned(), reason });
            }
        }
    }

    /// Sets several fields or none.
    pub(super) fn set_many(&mut self, sets: &[(String, String)], effects: &mut Vec<Effect>) {
        match self.with(&self.checked, sets) {
            Ok(checked) => {
                sets.iter().for_each(|(key, _)| drop(self.refused.remove(key)));
                self.accept(checked, true, effects);
            }
            Err(reason) => effects.push(Effect::Announce(reason)),
        }
    }

    /// The experiment with some fields set.
    pub(super) fn with(&self, checked: &Checked, sets: &[(String, String)]) -> Result<Checked, String> {
        let mut experiment = checked.experiment().clone();
        for (key, text) in sets {
            self.registry
                .set(&mut experiment, &format!("{key}={text}"))
                .map_err(|error| error.to_string())?;
        }
        self.registry.check(&experiment).map_err(|error| error.to_string())
    }

    /// Another experiment takes the sheet: both runs start again, and what was promised no longer counts.
    fn accept(&mut self, checked: Checked, settled: bool, effects: &mut Vec<Effect>) {
        if checked != self.checked {
            if let Some(versus) = &self.versus {
                self.versus = self.carry_over(versus, &checked);
            }
            self.checked = checked;
            (self.until, self.promise) = (None, None);
            self.reopen(effects);
        }
        self.write_address(settled, effects);
    }

    /// From now on runs go as fast as they can, unless another pace was asked for.
    pub(super) fn end_welcome(&mut self) {
        if std::mem::take(&mut self.welcoming) {
            self.pace = None;
        }
    }

    /// Opens another preset.
    pub(super) fn choose(&mut self, preset: &str, effects: &mut Vec<Effect>) {
        self.close_file(effects);
        match self.registry.check(&Experiment::new(preset)) {
            Ok(checked) => {
                self.end_welcome();
                self.refused.clear();
                self.bad_link = None;
                self.versus = None;
                if self.checked.preset().name != preset {
                    self.presentation.lesson = None;
                    self.presentation.step = None;
                    self.own_data = None;
                }
                self.playing = true;
                self.accept(checked, true, effects);
            }
            Err(error) => effects.push(Effect::Announce(error.to_string())),
        }
    }

    /// Opens a lesson at a step, or closes it.
    pub(super) fn show_lesson(&mut self, lesson: Option<(String, usize)>, effects: &mut Vec<Effect>) {
        self.close_file(effects);
        let other = lesson.as_ref().map(|(name, _)| name) != self.presentation.lesson.as_ref();
        (self.presentation.lesson, self.presentation.step) = match lesson {
            Some((name, step)) => (Some(name), Some(step)),
            None => (None, None),
        };
        self.write_address(other, effects);
    }

    /// Writes the present state into the address.
    pub(super) fn write_address(&mut self, push: bool, effects: &mut Vec<Effect>) {
        self.first_visit = false;
        effects.push(Effect::Address { fragment: self.fragment(), push });
    }

    /// The address of what is on the sheet: the experiment and how it is shown, without how far it is.
    pub fn fragment(&self) -> String {
        let ui = self.presentation.text();
        let showing = Showing { versus: self.versus.as_ref(), ui: ui.as_deref(), ..Showing::default() };
        self.registry
            .link(&self.checked, showing)
            .map(|link| link.fragment())
            .unwrap_or_else(|_| self.fragment_of(&self.checked))
    }

    /// A link to give away.
    ///
    /// # Errors
    /// When it would be too long, or the digest is asked for while the run is under way.
    pub fn shared_link(&self, sharing: Sharing) -> Result<String, String> {
        let mut presentation = Presentation { embed: sharing.embed, ..self.presentation.clone() };
        if !sharing.lesson {
            (presentation.lesson, presentation.step) = (None, None);
        }
        let ui = presentation.text();
        let here = self.pane().and_then(|pane| pane.stopped.as_ref());
        let step = self.pane().and_then(|pane| pane.status.as_ref()).map(|status| status.step);
        let (digest, until) = match (sharing.digest, here) {
            (false, _) => (None, step.filter(|_| sharing.step)),
            (true, Some((step, digest))) => (Some(&digest[..16.min(digest.len())]), Some(*step)),
            (true, None) => return Err("Pause first: only a run that stands still has a digest.".to_owned()),
        };
        let showing = Showing {
            versus: self.versus.as_ref(),
            until,
            ui: ui.as_deref(),
            digest,
            build: digest.map(|_| switchyard::BUILD),
        };
        self.registry
            .link(&self.checked, showing)
            .map(|link| link.fragment())
            .map_err(|error| error.to_string())
    }

    /// The command that does the same natively.
    pub fn command(&self) -> String {
        format!("switchyard run '{}'", self.fragment_of(&self.checked))
    }
}
