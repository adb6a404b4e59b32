//! Choices, each keyed by who makes it, about what, and what for; never by how many were made before.

use crate::hash::{digest_bytes, mix};

/// The source of all choices of a run.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    seed: u64,
}

/// Who makes a choice: the digest of a stable name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entity(u64);

impl Entity {
    /// The entity of a name.
    #[must_use]
    pub const fn named(name: &str) -> Self {
        Self(digest_bytes(name.as_bytes()))
    }

    /// Its digest.
    #[must_use]
    pub const fn digest(self) -> u64 {
        self.0
    }
}

/// What a choice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purpose(u64);

impl Purpose {
    /// The purpose of a name; usable in constants, so that the digest is computed once.
    #[must_use]
    pub const fn named(name: &str) -> Self {
        Self(digest_bytes(name.as_bytes()))
    }

    /// Its digest.
    #[must_use]
    pub const fn digest(self) -> u64 {
        self.0
    }

    /// The purpose with a number, where one name serves several choices.
    #[must_use]
    pub const fn numbered(self, number: u64) -> Self {
        Self(mix(self.0, number))
    }
}

impl Draws {
    /// The choices of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed: mix(seed, 0x6472_6966_746c_6162) }
    }

    /// The choice of an entity, for a purpose, about a subject: 64 uniform bits.
    #[must_use]
    pub const fn draw(&self, entity: Entity, purpose: Purpose, subject: u64) -> u64 {
        mix(mix(self.seed ^ entity.0, purpose.0), subject)
    }

    /// A number for tie-breaks between timers.
    #[must_use]
    pub const fn ties(&self) -> u64 {
        self.seed
    }
}

/// Whether something with this chance happens, by a draw.
#[must_use]
pub fn happens(chance: f64, draw: u64) -> bool {
    chance > 0.0 && crate::open_unit(draw) < chance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_seeds_entities_and_subjects_draw_independently() {
        let purpose = Purpose::named("service");
        let mut ones = 0;
        for seed in 0..64 {
            for client in 0..16 {
                let entity = Entity::named(&format!("client-{client}"));
                for subject in 0..16 {
                    ones += Draws::new(seed).draw(entity, purpose, subject).count_ones();
                }
            }
        }
        let share = f64::from(ones) / f64::from(64 * 16 * 16 * 64);
        assert!((share - 0.5).abs() < 0.002, "{share}");
    }
}
