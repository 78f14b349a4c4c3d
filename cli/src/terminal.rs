//! The whole terminal as a drawing surface: taken, read for keys, and given back on every way out, once.

use std::io::{self, BufWriter, Stderr};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossterm::cursor::Show;
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

use crate::interrupt::Stop;

/// How long a key may wait before the thread that reads keys looks whether it is still needed.
const PATIENCE: Duration = Duration::from_millis(50);

/// Whether the terminal is taken. Whoever gives it back first does it; later calls do nothing.
#[derive(Debug, Clone, Default)]
pub struct Taken(Arc<AtomicBool>);

impl Taken {
    /// Whether somebody draws.
    pub fn is_taken(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Makes the terminal what it was. There is nobody to tell when that fails.
    pub fn give_back(&self) {
        if self.0.swap(false, Ordering::SeqCst) {
            let _ = disable_raw_mode();
            let _ = execute!(io::stderr(), LeaveAlternateScreen, Show);
        }
    }
}

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The next task.
    NextTask,
    /// The task before.
    PreviousTask,
    /// The next measure.
    NextMeasure,
    /// The measure before.
    PreviousMeasure,
    /// The window has another size.
    Resized,
    /// The run stops after the current steps; said again, nothing more.
    Stop,
    /// The same, and said again the process ends at once.
    Interrupt,
}

/// A terminal that is drawn on, until it is dropped.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stderr>>>,
    taken: Taken,
    keys: Receiver<Key>,
    reader: Option<JoinHandle<()>>,
}

impl Screen {
    /// Takes the terminal. `q`, and Ctrl-C, which is an ordinary key from now on, ask `stop`.
    ///
    /// # Errors
    /// When the terminal cannot be taken; then it is as it was.
    pub fn take(stop: &Stop) -> io::Result<Self> {
        let taken = stop.terminal().clone();
        taken.0.store(true, Ordering::SeqCst);
        let screen = Self::begin(stop, &taken);
        if screen.is_err() {
            taken.give_back();
        }
        screen
    }

    fn begin(stop: &Stop, taken: &Taken) -> io::Result<Self> {
        enable_raw_mode()?;
        execute!(io::stderr(), EnterAlternateScreen)?;
        let terminal = Terminal::new(CrosstermBackend::new(BufWriter::new(io::stderr())))?;
        give_back_on_panic(taken.clone());
        let (sender, keys) = channel();
        let (stop, still) = (stop.clone(), taken.clone());
        let reader =
            thread::Builder::new().name("keys".into()).spawn(move || read(&stop, &still, &sender))?;
        Ok(Self { terminal, taken: taken.clone(), keys, reader: Some(reader) })
    }

    /// Whether the terminal is still ours: a panic gives it back.
    pub fn is_ours(&self) -> bool {
        self.taken.is_taken()
    }

    /// The keys since this was last asked.
    pub fn keys(&self) -> Vec<Key> {
        self.keys.try_iter().collect()
    }

    /// Draws.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    pub fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(picture).map(|_| ())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.taken.give_back();
        if let Some(reader) = self.reader.take() {
            // Its panic has been told already.
            let _ = reader.join();
        }
    }
}

/// The message of a panic belongs on the ordinary screen.
fn give_back_on_panic(taken: Taken) {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |information| {
        taken.give_back();
        before(information);
    }));
}

/// Reads keys until the terminal is given back or cannot be read any more.
fn read(stop: &Stop, taken: &Taken, sender: &Sender<Key>) {
    while taken.is_taken() {
        let read = match event::poll(PATIENCE) {
            Ok(false) => continue,
            Ok(true) => event::read(),
            Err(error) => Err(error),
        };
        let Ok(event) = read else { break };
        let Some(key) = meaning(&event) else { continue };
        if key == Key::Interrupt || (key == Key::Stop && !stop.is_asked()) {
            stop.ask();
        }
        // The receiver lives until this thread is joined.
        let _ = sender.send(key);
    }
}

fn meaning(event: &Event) -> Option<Key> {
    match event {
        Event::Resize(..) => Some(Key::Resized),
        Event::Key(key) if key.kind != KeyEventKind::Release => key_meaning(key),
        _ => None,
    }
}

fn key_meaning(key: &KeyEvent) -> Option<Key> {
    match key.code {
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Some(Key::Interrupt),
        KeyCode::Char('q' | 'Q') => Some(Key::Stop),
        KeyCode::Down | KeyCode::Char('p' | 'j') => Some(Key::NextTask),
        KeyCode::Up | KeyCode::Char('P' | 'k') => Some(Key::PreviousTask),
        KeyCode::Right | KeyCode::Char('l') => Some(Key::NextMeasure),
        KeyCode::Left | KeyCode::Char('h') => Some(Key::PreviousMeasure),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
        meaning(&Event::Key(KeyEvent::new(code, modifiers)))
    }

    #[test]
    fn keys_mean_what_the_last_line_says() {
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Key::Interrupt));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::NONE), None);
        assert_eq!(key(KeyCode::Char('q'), KeyModifiers::NONE), Some(Key::Stop));
        assert_eq!(key(KeyCode::Char('p'), KeyModifiers::NONE), Some(Key::NextTask));
        assert_eq!(key(KeyCode::Down, KeyModifiers::NONE), Some(Key::NextTask));
        assert_eq!(key(KeyCode::Up, KeyModifiers::NONE), Some(Key::PreviousTask));
        assert_eq!(key(KeyCode::Right, KeyModifiers::NONE), Some(Key::NextMeasure));
        assert_eq!(meaning(&Event::Resize(40, 10)), Some(Key::Resized));
    }

    #[test]
    fn a_terminal_that_nobody_took_is_not_given_back() {
        let taken = Taken::default();
        taken.give_back();
        assert!(!taken.is_taken());
    }
}
