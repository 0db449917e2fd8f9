//! What losses add up to, and whether a limit admits them when every query may depend on every earlier answer.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::Zero;

use crate::conversion::{delta_at, delta_of, order_of};
use crate::measure::{Budget, Loss};
use crate::rational::{Rational, Sum};

/// A limit, and the sums of the losses of everything that was admitted under it.
///
/// # Privacy
/// See [`Account::admits`]. What is kept is what its tests need: exact sums, and how often each rho was spent; so a test costs the
/// same after a thousand releases as after one.
///
/// # Checked by
/// `accountant::tests`, `tests/accounting.rs`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    limit: Budget,
    /// The order of its Rényi divergences, above 1.
    pub order: Rational,
    releases: u64,
    /// The epsilons of releases without Gaussian noise.
    epsilon: Sum,
    rho: Sum,
    divergence: Sum,
    delta: Sum,
    /// By the rho of a release with Gaussian noise (what stands above its line, and below), how many there are and the share of each;
    /// none if no share is enough.
    gaussian: BTreeMap<(BigInt, BigInt), (u64, Option<Rational>)>,
    is_negative: bool,
}

impl Account {
    /// The account of a limit, of which nothing is spent. The order in which Rényi divergences are summed is chosen here, once and
    /// for ever: raising the limit does not change it.
    pub fn new(limit: Budget) -> Self {
        let [epsilon, rho, divergence, delta] = <[Sum; 4]>::default();
        let (order, gaussian) = (order_of(&limit), BTreeMap::new());
        Self { limit, order, releases: 0, epsilon, rho, divergence, delta, gaussian, is_negative: false }
    }

    /// The limit, as last raised.
    pub fn limit(&self) -> &Budget {
        &self.limit
    }

    /// How many releases were paid for.
    pub fn releases(&self) -> u64 {
        self.releases
    }

    /// What was spent, added up and rounded up: for display, no charge depends on it.
    pub fn spent(&self) -> Loss {
        let epsilon = self.gaussian.is_empty().then(|| self.epsilon.above());
        Loss { epsilon, rho: self.rho.above(), divergence: self.divergence.above(), delta: self.delta.above() }
    }

    /// Sets another limit.
    pub fn raise(&mut self, limit: Budget) {
        self.limit = limit;
        let again = |((above, below), (count, _)): (&(BigInt, BigInt), &(u64, _))| {
            let rho = Rational::new(above.clone(), below.clone());
            ((above.clone(), below.clone()), (*count, self.share(&rho)))
        };
        self.gaussian = self.gaussian.iter().map(again).collect();
    }

    /// Adds the losses of the tables of a release.
    pub fn pay(&mut self, release: &[Loss]) {
        self.is_negative |= release.iter().any(Loss::is_negative);
        self.add(&Loss::total(release));
    }

    /// Adds what the tables of a release cost together.
    pub(crate) fn add(&mut self, release: &Loss) {
        self.releases = self.releases.saturating_add(1);
        self.rho.add(&release.rho);
        self.divergence.add(&release.divergence);
        self.delta.add(&release.delta);
        if let Some(epsilon) = &release.epsilon {
            return self.epsilon.add(epsilon);
        }
        let rho = (release.rho.numer().clone(), release.rho.denom().clone());
        match self.gaussian.get_mut(&rho) {
            Some((count, _)) => *count = count.saturating_add(1),
            None => drop(self.gaussian.insert(rho, (1, self.share(&release.rho)))),
        }
    }

    /// Whether the limit admits one more release: the deltas add up to at most what is set aside for private keys, and either the
    /// shares of the releases to at most one, or their Rényi divergences at the order of the account to at most what the limit
    /// converts from.
    ///
    /// The *share* of a release is the sum of its epsilons by that of the limit; with Gaussian noise, the least x such that its rho
    /// is (x epsilon, x d') private, in millionths, where d' is [`Budget::basic_delta`].
    ///
    /// # Privacy
    /// *Claim.* If mechanisms are chosen one after the other, each from the public outputs so far, and a choice is carried out
    /// only when this function admits it, the whole transcript is (epsilon, delta) private. *Proof.* Sums only grow, so each test
    /// that holds for a list holds for its prefixes; a higher limit makes a test only easier, for shares fall and the order stays.
    /// Let A be the transcripts whose releases pass the test of shares, B the others; all of B pass that of divergences. Let d be
    /// [`Budget::keys_delta`], first zero.
    /// (1) Stop the process where the test of shares would first fail. A release with Gaussian noise is (e_i, d_i) private with
    /// e_i and d_i fixed by its share, so it is a mixture with weight d_i on what no epsilon bounds \[KOV15\]. Some release falls
    /// there with probability at most the sum of the d_i, at most d' in every transcript; else P(t) / P'(t) is a product of
    /// factors of at most e^(e_i), at most e^epsilon together. So P(S ∩ A) <= e^epsilon P'(S ∩ A) + d' \[RRUV16\]. A series is
    /// one release, though others are made between its periods: an interactive mechanism that is (e_i, d_i) private is one answer
    /// of the mixture, asked at once and shown bit by bit, whatever is asked between \[Lyu22, VZ23\].
    /// (2) Stop the process where the test of divergences would first fail. Of the product M_n of
    /// (p_i / p'_i)^alpha e^(-(alpha-1) D_i), E'\[M_n | past\] <= M_(n-1) by the definition of the divergence D_i of order alpha;
    /// so E'\[(P/P')^alpha\] <= e^((alpha-1) D) with D the greatest sum that is admitted, whatever the choices \[FZ21\]: the
    /// stopped process is (epsilon, delta - d - d') private by [`delta_at`], and it agrees with the true one on B. Add (1) and (2).
    /// (3) For d > 0 draw each mixture of a table with private keys by a coin, and let R and R' be the processes of first parts
    /// alone. A transcript in which all coins fall on first parts has probability w R(t), with the other neighbour w R'(t), where
    /// w <= 1 is the product of 1 - delta_i: both of (1) and (2) hold for it, w being at most 1. Some coin falls otherwise with
    /// probability at most the expected sum of the delta_i, at most d in every transcript. Add d. ∎
    ///
    /// *Of ledgers that an earlier version of this program began*: it admitted by pure sums, or by sums of rho at the limit of the time.
    /// Where none was raised, whatever it admitted passes one of the two tests. Where one was, a transcript that stopped before it was
    /// read by this version may pass neither: it is covered by the rule of then, and delta - d once more is what is proved.
    ///
    /// *Why the three parts of delta are fixed*: were a delta that is not spent left to another test, an analyst could spend it where
    /// the answers were harmless and divergence where they were not, and lose nearly twice delta.
    ///
    /// # Checked by
    /// `accountant::tests::either_test_admits`, `accountant::tests::deltas_have_their_own_limit`, `tests/accounting.rs`
    pub fn admits(&self, release: &[Loss]) -> bool {
        let mut after = self.clone();
        after.pay(release);
        !after.is_negative && after.delta.is_at_most(self.limit.keys_delta()) && (after.has_shares() || after.has_divergence())
    }

    /// The test of shares.
    fn has_shares(&self) -> bool {
        let of = |(count, share): &(u64, Option<Rational>)| share.as_ref().map(|share| share * BigInt::from(*count));
        let gaussian: Option<Rational> = self.gaussian.values().map(of).sum();
        gaussian.is_some_and(|gaussian| self.epsilon.is_at_most(&(self.limit.epsilon() - gaussian)))
    }

    /// The test of divergences. Their sum is rounded up, as it is again to a float.
    fn has_divergence(&self) -> bool {
        delta_at(&self.order, &self.divergence.above(), self.limit.epsilon()) <= self.limit.noise_delta()
    }

    /// The share of a release with Gaussian noise, times the epsilon of the limit; none if no share is enough.
    fn share(&self, rho: &Rational) -> Option<Rational> {
        let part = |share: u64| Rational::new(share.into(), 1_000_000.into());
        let fits = |share: u64| delta_of(rho, &(part(share) * self.limit.epsilon())) <= part(share) * self.limit.basic_delta();
        let (mut low, mut high) = (0, 1_000_000);
        while fits(high) && high.saturating_sub(low) > 1 {
            let middle = low.midpoint(high);
            if fits(middle) { high = middle } else { low = middle }
        }
        // Of an epsilon of zero every share would be nothing.
        (fits(high) && !self.limit.epsilon().is_zero()).then(|| part(high) * self.limit.epsilon())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rational::parse_decimal;

    fn number(text: &str) -> Rational {
        parse_decimal(text).unwrap()
    }

    /// One release for each loss: `pure 1`, `zcdp 0.1`, and a delta behind either.
    fn account(limit: &Budget, releases: &[&str]) -> Account {
        let mut account = Account::new(limit.clone());
        for release in releases {
            let loss = loss(&account, release);
            account.pay(&[loss]);
        }
        account
    }

    fn loss(account: &Account, text: &str) -> Loss {
        let words: Vec<&str> = text.split(' ').collect();
        let amount = number(words[1]);
        let loss = if words[0] == "pure" { Loss::pure(amount, &account.order) } else { Loss::new(None, amount, &account.order) };
        Loss { delta: words.get(2).map_or_else(|| number("0"), |delta| number(delta)), ..loss }
    }

    /// Whether a limit admits these, one after the other.
    fn admits(limit: &Budget, releases: &[&str]) -> bool {
        let (last, before) = releases.split_last().unwrap();
        let account = account(limit, before);
        account.admits(&[loss(&account, last)])
    }

    #[test]
    fn deltas_have_their_own_limit() {
        let limit = Budget::parse("1", "2e-6").unwrap().with_keys_delta(number("1e-6")).unwrap();
        assert!(admits(&limit, &["pure 0.5 4e-7", "pure 0.5 6e-7"]));
        assert!(!admits(&limit, &["pure 0.5 4e-7", "pure 0.5 6.1e-7"]));
        assert!(!admits(&limit, &["pure 0.5 4e-7", "pure 0.6 6e-7"]));
        // The rest is for noise, and is not more if no key was published.
        assert!(admits(&limit, &["zcdp 0.0243", "zcdp 0 1e-6"]));
        assert!(admits(&limit, &["zcdp 0.0238", "pure 0.03 1e-6"]));
        assert!(!admits(&limit, &["zcdp 0.0238", "pure 0.04 1e-6"]));
        assert!(!admits(&limit, &["zcdp 0.0244"]) && !admits(&limit, &["zcdp 0.01 1.1e-6"]));
        // A limit that sets nothing aside admits none.
        let plain = Budget::parse("1", "2e-6").unwrap();
        assert!(!admits(&plain, &["pure 0.1 1e-30"]) && admits(&plain, &["pure 0.1 0"]));
    }

    #[test]
    fn either_test_admits() {
        let limit = Budget::parse("1", "1e-6").unwrap();
        // Exactly the limit by shares, though its divergence is beyond the other test.
        assert!(admits(&limit, &["pure 0.9", "pure 0.1"]));
        assert!(!admits(&limit, &["pure 0.9", "pure 0.1", "pure 1e-30"]));
        // A thousand small ones: the sum of epsilons is beyond, the sum of divergences is not.
        assert!(admits(&limit, &["pure 0.0069"; 1000]));
        // Without a delta of its own one Gaussian release closes the test of shares.
        assert!(admits(&limit, &["zcdp 0.0243"]) && !admits(&limit, &["zcdp 0.0244"]));
        assert!(admits(&limit, &["pure 0.1", "zcdp 0.019"]) && !admits(&limit, &["pure 0.9", "zcdp 1e-30"]));
        // Without delta only pure charges pass.
        let strict = Budget::parse("1", "0").unwrap();
        assert!(admits(&strict, &["pure 1"]) && !admits(&strict, &["zcdp 1e-30"]));
        assert!(Account::new(strict).admits(&[]));
    }

    /// With a delta set aside, a Gaussian release takes its share and leaves the rest to others.
    #[test]
    fn a_gaussian_release_takes_a_share() {
        let limit = Budget::parse("10", "1e-5").unwrap();
        let aside = limit.clone().with_basic_delta(number("1.25e-6")).unwrap();
        let gaussian = "zcdp 0.0243";
        assert!(admits(&aside, &[gaussian, "pure 8.8"]) && !admits(&aside, &[gaussian, "pure 9"]));
        assert!(!admits(&limit, &[gaussian, "pure 8.8"]), "the order of the limit is for many small ones");
        // An epsilon of zero has no shares that could be counted.
        let nothing = Budget::parse("0", "2e-3").unwrap().with_basic_delta(number("1e-3")).unwrap();
        assert!(!admits(&nothing, &["zcdp 1e-6"; 10]));
        // What is set aside is spent: as much again by divergences is not admitted on top of it.
        let full = "zcdp 1.5";
        assert!(admits(&aside, &[full]) && !admits(&aside, &[full, "pure 8.8"]));
        // Releases that are one are added up before they take their share: less than each alone.
        let one = Account::new(aside.clone());
        let parts = vec![loss(&one, "zcdp 0.0081"); 3];
        let share = |rho: &str| one.share(&number(rho)).unwrap();
        assert!(share("0.0243") < share("0.0081") * BigInt::from(3));
        let (mut together, mut alone) = (one.clone(), one.clone());
        together.pay(&parts);
        alone.pay(&[loss(&one, gaussian)]);
        assert_eq!(together.gaussian, alone.gaussian);
        // A raised limit admits what the lower one did.
        let mut raised = account(&aside, &[gaussian, "pure 8.8"]);
        raised.raise(Budget::parse("11", "2e-5").unwrap().with_basic_delta(number("1.25e-6")).unwrap());
        assert!(raised.admits(&[]) && raised.admits(&[loss(&raised, "pure 1")]));
    }

    #[test]
    fn a_negative_loss_buys_nothing() {
        let limit = Budget::parse("1", "1e-6").unwrap();
        for (part, more) in [("pure 1.5", "pure 1"), ("zcdp 0.03", "zcdp 0.01"), ("pure 0.1 1e-7", "pure 0.1 1e-7")] {
            let mut account = account(&limit, &[part]);
            let Loss { epsilon, rho, divergence, delta } = loss(&account, more);
            let minus = Loss { epsilon: epsilon.map(|epsilon| -epsilon), rho: -rho, divergence: -divergence, delta: -delta };
            assert!(!account.admits(std::slice::from_ref(&minus)), "{part}");
            account.pay(&[minus]);
            assert!(!account.admits(&[]), "{part}");
        }
    }
}
