//! Sums of periods.
