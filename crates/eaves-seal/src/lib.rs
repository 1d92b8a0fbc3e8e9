//! Writing side of the sealed formats; it cannot open what it sealed.
