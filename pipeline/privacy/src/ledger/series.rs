//! Series: one query answered period by period, charged once for all periods.

use super::{Decision, Ledger, Log, Reservation, Witness, afford};
use crate::domain::Measurement;
use crate::error::Error;
use crate::ledger::Event;
use crate::request::{ReleaseId, Request};

impl<L: Log, W: Witness> Ledger<L, W> {
    /// Reserves the budget of a series, durably: from here on each of its periods can be released once without a charge.
    /// The request's id is that of the series; its sensitivities are those of all periods together. A series that is
    /// reserved already is not charged again.
    ///
    /// # Privacy
    /// See [`Ledger::reserve_period`].
    ///
    /// # Checked by
    /// `ledger::tests::series::a_series_is_charged_once`
    pub fn reserve_series(&mut self, request: &Request, now: u64) -> Result<(), Error> {
        self.settle(now, |history| match history.series.get(&request.release()) {
            Some(series) if series.pays_for(request.measurements()) => Ok(Decision::Settled(())),
            Some(_) => Err(Error::SeriesDiffers(request.release())),
            None => {
                let (series, measurements) = (request.release(), request.measurements().into());
                let charge = afford(history, request)?;
                Ok(Decision::Append(Box::new(Event::Series { series, charge, measurements })))
            }
        })
    }

    /// Reserves one period of a series as a release, and grants its noise; resumes it, or says that it is archived, as
    /// [`Ledger::reserve`] does.
    ///
    /// # Privacy
    /// *Claim.* All periods of a series together cost its charge, also when each is asked for in the light of all
    /// earlier releases and is computed from what has landed by then. *Assumption.* The vectors are those of one
    /// certified query with the period as a further key: its certificate bounds by L1 and L2^2 what one person moves in
    /// all periods together; the period of a row of a person is fixed with its number when it lands, so this holds
    /// whenever each period is read. *Proof.* Every period has independent noise of the same distribution as reserved
    /// (`pays_for`), and each is drawn once, for a period is filled once and a release archived once. Let d_p be what
    /// the person moves in period p, which may depend on earlier outputs; on every path the norms of all d_p add up to
    /// at most L1, and to L2^2. Laplace noise and choices: the likelihood ratio of all periods is the product of those
    /// of each, at most exp(sum of d_p / scale). Gaussian noise: Rényi divergences of adaptive steps whose sum is
    /// bounded on every path compose to that bound \[FZ21, Theorem 3.1\], here rho = L2^2 / (2 variance). So do those of Laplace
    /// noise and of choices, for what d_p adds is convex in d_p (see [`Mechanism::loss`](crate::Mechanism::loss)). Private keys:
    /// a person's cells, whatever their period, are at most L1 in number, and delta is their union bound.
    ///
    /// # Checked by
    /// `ledger::tests::series`
    pub fn reserve_period(&mut self, series: ReleaseId, period: &str, request: &Request, now: u64) -> Result<Reservation, Error> {
        if !crate::text::is_line(period) {
            return Err(Error::Request("a period's name is one line of text"));
        }
        let release = request.release();
        self.settle(now, |history| {
            let reserved = history.series.get(&series).ok_or(Error::NoSeries(series))?;
            match (reserved.periods.get(period), history.slots.get(&release)) {
                (Some(filled), _) if *filled != release => {
                    Err(Error::PeriodFilled { period: period.to_owned(), release: *filled })
                }
                (Some(_), Some(slot)) => slot.resume(request),
                (None, Some(_)) | (Some(_), None) => Err(Error::ReservationDiffers(release)),
                (None, None) if !reserved.pays_for(request.measurements()) => Err(Error::SeriesDiffers(series)),
                (None, None) => Ok(Decision::Append(Box::new(Event::Period {
                    release,
                    series,
                    period: period.to_owned(),
                    measurements: request.measurements().into(),
                }))),
            }
        })
    }
}

impl<L, W> Ledger<L, W> {
    /// The tables with which a series was reserved; none if it was not.
    pub fn series(&self, series: ReleaseId) -> Option<&[Measurement]> {
        self.history.series.get(&series).map(|series| &*series.measurements)
    }

    /// The periods of a series that are filled, by name, each with its release.
    pub fn periods(&self, series: ReleaseId) -> impl Iterator<Item = (&str, ReleaseId)> {
        let periods = self.history.series.get(&series).into_iter().flat_map(|series| &series.periods);
        periods.map(|(period, release)| (period.as_str(), *release))
    }

    /// The tables with which a release was reserved: a run that resumes must ask for the same.
    pub fn reserved(&self, release: ReleaseId) -> Option<&[Measurement]> {
        self.history.slots.get(&release).map(|slot| &*slot.measurements)
    }
}
