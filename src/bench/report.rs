//! The figures of a run: a table for people, JSON for programs, and how they compare with the limits.

use std::fmt;

use serde::Serialize;

use super::clients::Measured;
use super::machine::Machine;

pub(super) const RAW_ALONE: &str = "rows by hand, a step a transaction";
pub(super) const RAW_TOGETHER: &str = "rows by hand, 64 steps a transaction";
pub(super) const RUNTIME: &str = "runtime";
pub(super) const BARE: &str = "HTTP, rows by hand";
pub(super) const HTTP: &str = "HTTP";

/// The clients that the targets speak of.
const MANY: usize = 64;

#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub product: String,
    pub processor: String,
    pub cores: usize,
    pub file_system: String,
    pub lines: Vec<Line>,
    pub ratios: Vec<Ratio>,
    /// Of the database, for each case worked to its end.
    pub bytes_per_case: u64,
    /// Bytes that the process held after the last measurement through the runtime, clients and all.
    pub memory: u64,
    pub peak_memory: u64,
}

/// One measurement.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    pub what: &'static str,
    pub clients: usize,
    pub steps_per_second: f64,
    /// Milliseconds until a step was on disk.
    pub p50: f64,
    pub p99: f64,
    /// Cores that this process kept busy; PostgreSQL's own are not among them.
    pub cores_busy: f64,
    /// Processor time of this process for a step, in microseconds.
    pub cpu_micros: f64,
}

/// Two figures of this run, compared.
#[derive(Debug, Clone, Serialize)]
pub struct Ratio {
    pub what: &'static str,
    pub value: f64,
    pub target: f64,
    /// Whether more is better.
    pub is_at_least: bool,
    pub is_met: bool,
}

impl Line {
    pub(super) fn of(what: &'static str, clients: usize, measured: &mut Measured) -> Self {
        let seconds = measured.seconds.max(f64::EPSILON);
        let steps = measured.micros.len().max(1) as f64;
        Self {
            what,
            clients,
            steps_per_second: measured.micros.len() as f64 / seconds,
            p50: f64::from(measured.percentile(50)) / 1_000.0,
            p99: f64::from(measured.percentile(99)) / 1_000.0,
            cores_busy: measured.cpu_seconds / seconds,
            cpu_micros: measured.cpu_seconds * 1_000_000.0 / steps,
        }
    }
}

impl Report {
    pub(super) fn new(product: String, machine: Machine) -> Self {
        Self {
            product,
            processor: machine.processor,
            cores: machine.cores,
            file_system: machine.file_system,
            lines: Vec::new(),
            ratios: Vec::new(),
            bytes_per_case: 0,
            memory: 0,
            peak_memory: 0,
        }
    }

    /// Sets the figures against their limits, as far as they were measured.
    pub(super) fn compare(&mut self, is_postgres: bool) {
        let rate = |line: &Line| line.steps_per_second;
        let half = |line: &Line| line.p50;
        let many = if is_postgres { 0.4 } else { 0.5 };
        let runtime = (RUNTIME, MANY);
        self.ratio("steps/s, 64 clients : by hand, 64 together", rate, runtime, RAW_TOGETHER, many);
        if !is_postgres {
            self.ratio("steps/s, 64 clients : by hand, one alone", rate, runtime, RAW_ALONE, 4.0);
            let one = (RUNTIME, 1);
            self.ratio("p50, one client : by hand, one alone", half, one, RAW_ALONE, -2.0);
        }
        self.ratio("steps/s over HTTP, 64 clients : by hand", rate, (HTTP, MANY), BARE, 0.5);
        if !is_postgres && self.bytes_per_case > 0 {
            let value = self.bytes_per_case as f64 / 1_000.0;
            let what = "kB of database for a finished case";
            let is_met = value <= 24.0;
            self.ratios.push(Ratio { what, value, target: 24.0, is_at_least: false, is_met });
        }
    }

    /// A target below zero is one that must not be passed.
    fn ratio(
        &mut self,
        what: &'static str,
        of: impl Fn(&Line) -> f64,
        (own, clients): (&str, usize),
        limit: &str,
        target: f64,
    ) {
        let own = self.lines.iter().find(|line| line.what == own && line.clients == clients);
        let limit = self.lines.iter().find(|line| line.what == limit);
        let (Some(own), Some(limit)) = (own, limit) else { return };
        let value = of(own) / of(limit).max(f64::EPSILON);
        let (is_at_least, target) = (target > 0.0, target.abs());
        let is_met = if is_at_least { value >= target } else { value <= target };
        self.ratios.push(Ratio { what, value, target, is_at_least, is_met });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}; {} cores of {}; on {}",
            self.product, self.cores, self.processor, self.file_system
        )?;
        writeln!(
            f,
            "\n{:<38} {:>7} {:>9} {:>9} {:>9} {:>6} {:>9}",
            "", "clients", "steps/s", "p50 ms", "p99 ms", "cores", "µs CPU"
        )?;
        for line in &self.lines {
            writeln!(
                f,
                "{:<38} {:>7} {:>9.0} {:>9.2} {:>9.2} {:>6.2} {:>9.0}",
                line.what,
                line.clients,
                line.steps_per_second,
                line.p50,
                line.p99,
                line.cores_busy,
                line.cpu_micros
            )?;
        }
        writeln!(f)?;
        for ratio in &self.ratios {
            let (sign, missed) =
                if ratio.is_at_least { ('≥', "below") } else { ('≤', "above") };
            let word = if ratio.is_met { "ok" } else { missed };
            let Ratio { what, value, target, .. } = ratio;
            writeln!(f, "{what:<46} {value:>7.2}  {sign} {target:<4} {word}")?;
        }
        writeln!(
            f,
            "\n{} bytes of database for a finished case; {} MB of memory at work, {} MB at most",
            self.bytes_per_case,
            self.memory >> 20,
            self.peak_memory >> 20
        )
    }
}
