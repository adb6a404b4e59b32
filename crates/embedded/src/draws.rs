//! Choices, each keyed by who makes it, about what, and what for; never by how many were made before.
//!
//! The same bits as in the virtual world: what a client chooses to do there, it chooses here. When it does so is another matter.

use driftlab_model::hash::{digest_bytes, mix};

/// The source of all choices of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draws {
    seed: u64,
}

/// Who makes a choice: the digest of a stable name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entity(u64);

/// What a choice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Purpose(u64);

impl Entity {
    /// The entity of a name.
    pub(crate) const fn named(name: &str) -> Self {
        Self(digest_bytes(name.as_bytes()))
    }
}

impl Purpose {
    /// The purpose of a name.
    pub(crate) const fn named(name: &str) -> Self {
        Self(digest_bytes(name.as_bytes()))
    }

    /// The purpose with a number, where one name serves several choices.
    pub(crate) const fn numbered(self, number: u64) -> Self {
        Self(mix(self.0, number))
    }
}

impl Draws {
    /// The choices of a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed: mix(seed, 0x6472_6966_746c_6162) }
    }

    /// The choice of an entity, for a purpose, about a subject: 64 uniform bits.
    pub(crate) const fn draw(&self, entity: Entity, purpose: Purpose, subject: u64) -> u64 {
        mix(mix(self.seed ^ entity.0, purpose.0), subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The virtual world's law tests hold for these bits; others would need their own.
    #[test]
    fn draws_are_those_of_the_virtual_world() {
        let (ours, theirs) = (Draws::new(7), driftlab_sim::draws::Draws::new(7));
        for subject in 0..100 {
            let theirs = theirs.draw(
                driftlab_sim::draws::Entity::named("client-1"),
                driftlab_sim::draws::Purpose::named("think").numbered(3),
                subject,
            );
            let purpose = Purpose::named("think").numbered(3);
            assert_eq!(ours.draw(Entity::named("client-1"), purpose, subject), theirs);
        }
    }
}
