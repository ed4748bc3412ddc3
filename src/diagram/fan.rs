//! The arrows out of and into every box, looked for once: a drawing with thousands of them asks for each
//! box. Whoever changes an arrow makes a new one. Used by the layout here and by the diagrams of other
//! tools.

/// Arrows by their ends, each list in their order.
#[derive(Debug, Default)]
pub struct Fan {
    out: Vec<Vec<usize>>,
    into: Vec<Vec<usize>>,
}

impl Fan {
    /// Between so many boxes; `ends` are where each arrow comes from and where it leads.
    pub fn of(boxes: usize, ends: impl Iterator<Item = (usize, usize)>) -> Self {
        let mut fan = Self { out: vec![Vec::new(); boxes], into: vec![Vec::new(); boxes] };
        for (arrow, (from, to)) in ends.enumerate() {
            fan.out[from].push(arrow);
            fan.into[to].push(arrow);
        }
        fan
    }

    pub fn out(&self, at: usize) -> &[usize] {
        &self.out[at]
    }

    pub fn leading_to(&self, at: usize) -> &[usize] {
        &self.into[at]
    }
}
