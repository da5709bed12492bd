//! The matrix: where a process is struck, by what, and among how many (RELIABILITY §4.2). What has no meaning together is left out here.

use std::fmt;

use socrazi::domain::network::Network;

use crate::venue::{Shape, Venue, Wants};

/// Where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Point {
    /// Before the claim.
    F0,
    /// After the claim.
    F1,
    /// In the upload.
    F2,
    /// Prepared, not saved.
    F3,
    /// Before the commit of the arming transaction.
    F4,
    /// Armed, no byte sent.
    F5,
    /// The world sees it, no answer yet.
    F6,
    /// Answered, not saved.
    F7,
    /// Saved, not told.
    F8,
    /// In the look for an unknown outcome.
    F9,
    /// Tokens refreshed at the network, not stored.
    F10,
}

impl Point {
    pub(crate) const ALL: [Self; 11] =
        [Self::F0, Self::F1, Self::F2, Self::F3, Self::F4, Self::F5, Self::F6, Self::F7, Self::F8, Self::F9, Self::F10];
}

/// By what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// kill -9.
    Kill,
    /// SIGSTOP until every lease is over, then SIGCONT.
    Stop,
    /// A panic.
    Panic,
    /// The database goes away and comes back.
    Restart,
    /// Every connection to the database is cut.
    Cut,
    /// No space is left.
    Full,
    /// The machine's clock is an hour ahead from now on.
    Ahead,
    /// The machine's clock is an hour behind from now on.
    Behind,
    /// SIGTERM, and a new process in its place.
    Term,
    /// Nothing: the second claim alone.
    Nothing,
}

impl Fate {
    pub(crate) const ALL: [Self; 10] = [
        Self::Kill,
        Self::Stop,
        Self::Panic,
        Self::Restart,
        Self::Cut,
        Self::Full,
        Self::Ahead,
        Self::Behind,
        Self::Term,
        Self::Nothing,
    ];
}

/// Among how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Topology {
    /// One process on SQLite.
    Sqlite,
    /// Three on PostgreSQL.
    Postgres,
    /// Two on PostgreSQL, and the second is made to take up what the first works on.
    Forced,
}

impl Topology {
    pub(crate) const ALL: [Self; 3] = [Self::Sqlite, Self::Postgres, Self::Forced];

    pub(crate) fn workers(self) -> usize {
        match self {
            Self::Sqlite => 1,
            Self::Postgres => 3,
            Self::Forced => 2,
        }
    }
}

/// Whose program is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Program {
    /// Ours.
    Socrazi,
    /// An ordinary worker that tries again after an error.
    Retrying,
    /// An ordinary worker that publishes once and believes what it saw.
    Once,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub(crate) network: Network,
    pub(crate) shape: Shape,
    pub(crate) topology: Topology,
    pub(crate) fate: Fate,
    pub(crate) point: Point,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // X goes without its name: the first and longest matrix is its.
        let network = if self.network == Network::X { String::new() } else { format!("{}/", self.network.slug()) };
        let shape = if self.shape == Shape::Usual { String::new() } else { format!("{:?}/", self.shape) };
        let text = format!("{network}{shape}{:?}/{:?}/{:?}", self.topology, self.point, self.fate);
        f.write_str(&text.to_lowercase())
    }
}

impl Cell {
    /// What a trial of it begins with: trials alike in these begin alike.
    pub(crate) fn template(self) -> (Network, Shape, bool) {
        (self.network, self.shape, self.topology != Topology::Sqlite)
    }

    pub(crate) fn venue(self) -> Venue {
        Venue::of(self.network, self.shape)
    }

    /// Whether this is anything at all.
    fn means_something(self) -> bool {
        let has_server = self.topology != Topology::Sqlite;
        match self.fate {
            // A file has no connections; what a network cut does is in the answers that every trial draws.
            Fate::Restart | Fate::Cut if !has_server => return false,
            // PostgreSQL's disk is filled by a trigger, which cannot be laid while a transaction is held open.
            Fate::Full if has_server && self.point == Point::F4 => return false,
            Fate::Nothing if self.topology != Topology::Forced => return false,
            // An address for an hour is over at once on a clock that is an hour behind. Pictures are fetched from the person's process here, whose
            // clock is right; where one process does both, it agrees with itself.
            Fate::Behind if self.shape == Shape::Usual && self.venue().wants == Wants::Picture => return false,
            _ => {}
        }
        // Only where somebody holds a claim that can be claimed again.
        self.topology != Topology::Forced
            || (!matches!(self.point, Point::F0 | Point::F4 | Point::F8 | Point::F9 | Point::F10)
                && !matches!(self.fate, Fate::Restart | Fate::Full | Fate::Ahead | Fate::Behind))
    }

    pub(crate) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for network in Network::ALL {
            for topology in Topology::ALL {
                for point in Venue::points(network) {
                    for fate in Fate::ALL {
                        all.push(Self { network, shape: Shape::Usual, topology, fate, point });
                    }
                }
            }
            // What is another call there, or a longer way to it.
            for shape in Shape::others(network) {
                for fate in [Fate::Kill, Fate::Panic, Fate::Stop] {
                    all.extend(Self::HURTS.map(|point| Self {
                        network,
                        shape: *shape,
                        topology: Topology::Sqlite,
                        fate,
                        point,
                    }));
                }
            }
        }
        all.retain(|cell| cell.means_something());
        // Photos that are fetched are not uploaded.
        all.retain(|cell| cell.shape != Shape::Photos || cell.point != Point::F2);
        // What is the publisher's and the database's is shown with X; of the others, what their adapters do.
        all.retain(|cell| cell.network == Network::X || cell.topology != Topology::Postgres);
        all
    }

    /// Where something of a network's own can go wrong.
    const HURTS: [Point; 6] = [Point::F2, Point::F3, Point::F5, Point::F6, Point::F7, Point::F9];

    /// What every run plays: a process killed at each point on both databases, and of everything else where it hurts most.
    pub(crate) fn usual() -> Vec<Self> {
        use Topology::{Forced, Postgres, Sqlite};
        let of = |network, topology, fate, points: &[Point]| -> Vec<Self> {
            let shape = Shape::Usual;
            points.iter().map(|point| Self { network, shape, topology, fate, point: *point }).collect()
        };
        let mut some = Vec::new();
        for topology in [Sqlite, Postgres] {
            some.extend(of(Network::X, topology, Fate::Kill, &Point::ALL));
        }
        for network in Network::ALL {
            if network != Network::X {
                some.extend(of(network, Sqlite, Fate::Kill, &Self::HURTS));
                let renewed = Venue::points(network).contains(&Point::F10);
                some.extend(of(network, Sqlite, Fate::Kill, if renewed { &[Point::F10] } else { &[] }));
            }
            for shape in Shape::others(network) {
                let first = if *shape == Shape::Photos { Point::F5 } else { Point::F2 };
                let cell = |point| Self { network, shape: *shape, topology: Sqlite, fate: Fate::Kill, point };
                some.extend([first, Point::F6].map(cell));
            }
        }
        let more = [
            (Forced, Fate::Nothing, &[Point::F1, Point::F3, Point::F5, Point::F6, Point::F7][..]),
            (Postgres, Fate::Stop, &[Point::F1, Point::F5, Point::F7]),
            (Sqlite, Fate::Panic, &[Point::F0, Point::F5, Point::F7]),
            (Postgres, Fate::Restart, &[Point::F5, Point::F7]),
            (Postgres, Fate::Cut, &[Point::F7]),
            (Sqlite, Fate::Full, &[Point::F4, Point::F7]),
            (Sqlite, Fate::Ahead, &[Point::F5]),
            (Postgres, Fate::Behind, &[Point::F1]),
            (Sqlite, Fate::Term, &[Point::F5]),
            (Postgres, Fate::Term, &[Point::F7]),
        ];
        for (topology, fate, points) in more {
            some.extend(of(Network::X, topology, fate, points));
        }
        some
    }

    /// The same for the two ordinary workers: they have one process, no token of their own and nothing to look for.
    pub(crate) fn of_controls(all: &[Self]) -> Vec<Self> {
        let mut some: Vec<Self> = all
            .iter()
            .copied()
            .filter(|cell| {
                cell.network == Network::X && cell.shape == Shape::Usual && cell.topology == Topology::Sqlite
            })
            .filter(|cell| matches!(cell.point, Point::F1 | Point::F5 | Point::F6 | Point::F7))
            .filter(|cell| !matches!(cell.fate, Fate::Full | Fate::Ahead | Fate::Behind | Fate::Stop))
            .collect();
        some.dedup();
        some
    }
}
