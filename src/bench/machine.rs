//! The machine that was measured on, and what this process takes of it: read from `/proc`, nothing where
//! there is none.

use std::fs;
use std::path::Path;

/// What figures should be read with.
#[derive(Debug, Clone)]
pub struct Machine {
    pub cores: usize,
    pub processor: String,
    /// Of the folder that SQLite's files are in.
    pub file_system: String,
}

/// Ticks of a second in `/proc`, on every Linux.
const TICKS: f64 = 100.0;

impl Machine {
    pub fn look(folder: &Path) -> Self {
        let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let name = processor.lines().find(|line| line.starts_with("model name"));
        let name = name.and_then(|line| line.split_once(": ")).map_or("unknown", |(_, name)| name);
        Self {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            processor: name.to_owned(),
            file_system: file_system(folder).unwrap_or_else(|| "unknown".to_owned()),
        }
    }

    /// Whether what is written there never reaches a disk.
    pub fn is_in_memory(&self) -> bool {
        matches!(self.file_system.as_str(), "tmpfs" | "ramfs")
    }
}

/// The kind of the file system that a folder is on: the one mounted the deepest above it, and of several
/// at one place the last.
fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (place, kind) = (words.next()?, words.next()?);
        folder.starts_with(place).then(|| (place.len(), kind.to_owned()))
    });
    mounts.max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

/// Processor time that this process has taken, all its threads together.
pub fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second word is the program's name in brackets, which may have spaces in it.
    let words = stat.rsplit_once(')').map_or("", |(_, words)| words);
    let ticks = words.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
}

/// Bytes of memory that this process holds now.
pub fn memory() -> u64 {
    status("VmRSS:")
}

/// The most that it ever held.
pub fn peak_memory() -> u64 {
    status("VmHWM:")
}

fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1_024
}
