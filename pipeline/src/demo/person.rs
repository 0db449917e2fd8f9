//! The people of the demo and their time in a project.

use super::day::{self, Day};
use super::draw::Draw;

const NUMBERS: &str = include_str!("test-identity-numbers.txt");

/// How many people in a hundred have a foreign background, beside those with a coordination number.
const FOREIGN_BACKGROUND: usize = 40;

/// A person who does not exist.
#[derive(Clone)]
pub(super) struct Person {
    /// Twelve digits.
    pub(super) number: &'static str,
    /// Born abroad, or with parents born abroad.
    pub(super) foreign: bool,
    born: Day,
}

/// Everyone in the file of test numbers, in its order.
pub(super) fn pool(draw: &mut Draw) -> Vec<Person> {
    let numbers = NUMBERS.lines().filter(|line| !line.starts_with('#'));
    numbers.map(|number| Person::new(number, draw)).collect()
}

impl Person {
    fn new(number: &'static str, draw: &mut Draw) -> Self {
        let digits = |from: usize, to: usize| number[from..to].parse::<i32>().expect("digits of a test number");
        let day = digits(6, 8);
        let coordination = day > 60;
        Self {
            number,
            foreign: draw.chance(FOREIGN_BACKGROUND) || coordination,
            born: day::day(digits(0, 4), digits(4, 6), if coordination { day - 60 } else { day }),
        }
    }

    /// Completed years on this day.
    pub(super) fn age(&self, on: Day) -> i32 {
        let years = on.date().zip(self.born.date()).and_then(|(on, born)| on.years_since(born));
        years.and_then(|years| i32::try_from(years).ok()).expect("nobody takes part before being born")
    }

    /// The first label for a woman, the second for a man: the last digit but one of the number tells.
    pub(super) fn sex(&self, labels: [&'static str; 2]) -> &'static str {
        labels[usize::from(self.number.as_bytes()[10] % 2)]
    }

    /// The number as YYYYMMDD-NNNN.
    pub(super) fn dashed(&self) -> String {
        let (birth, serial) = self.number.split_at(8);
        format!("{birth}-{serial}")
    }
}

/// A period, both days included.
#[derive(Clone, Copy)]
pub(super) struct Stay {
    /// The first day.
    pub(super) start: Day,
    /// The last day.
    pub(super) end: Day,
}

impl Stay {
    /// So many days somewhere between the first and the last day.
    pub(super) fn within(first: Day, last: Day, days: i32, draw: &mut Draw) -> Self {
        let start = first + draw.between(0, last - first - days);
        Self { start, end: start + days }
    }

    /// A day between these percentages of the period.
    pub(super) fn day(self, from: i32, to: i32, draw: &mut Draw) -> Day {
        let days = self.end - self.start;
        self.start + draw.between(days * from / 100, days * to / 100)
    }

    /// A shorter period that starts and ends between these percentages of this one.
    pub(super) fn part(self, from: i32, to: i32, draw: &mut Draw) -> Self {
        let middle = (from + to) / 2;
        Self { start: self.day(from, middle, draw), end: self.day(middle, to, draw) }
    }
}

/// A person in a project.
pub(super) struct Member {
    /// Who.
    pub(super) person: Person,
    /// From when to when.
    pub(super) stay: Stay,
    /// What the person left for.
    pub(super) exit: &'static str,
}

/// Gives people their exits and their stays between two days; `days` says how long one stays who leaves for an exit.
pub(super) fn enrol(
    people: Vec<Person>,
    exits: Vec<&'static str>,
    (from, until): (Day, Day),
    days: impl Fn(&'static str, &mut Draw) -> i32,
    draw: &mut Draw,
) -> Vec<Member> {
    let mut member = |(person, exit)| {
        let days = days(exit, draw);
        Member { person, exit, stay: Stay::within(from, until, days, draw) }
    };
    let mut members: Vec<Member> = people.into_iter().zip(exits).map(&mut member).collect();
    sort(&mut members);
    members
}

/// The order of a list: by the day of entry, then by number.
pub(super) fn sort(members: &mut [Member]) {
    members.sort_by_key(|member| (member.stay.start, member.person.number));
}

/// A level of education, from none upwards, that a person of this age can have reached.
pub(super) fn education(levels: &[(&'static str, usize)], age: i32, draw: &mut Draw) -> &'static str {
    let reached = match age {
        ..19 => 2,
        19..22 => 3,
        _ => levels.len(),
    };
    draw.weighted(&levels[..reached])
}

/// What a list says of a person's circumstances, yes or no, beside the foreign background.
pub(super) struct Circumstances {
    /// Has a disability.
    pub(super) disability: &'static str,
    /// Is disadvantaged in another way: debts, abuse, a criminal record.
    pub(super) disadvantaged: &'static str,
    /// Has no home of their own.
    pub(super) homeless: &'static str,
    /// Lives in the countryside.
    pub(super) rural: &'static str,
    /// Is a citizen of no country of the Union.
    pub(super) third_country: &'static str,
    /// Belongs to a national minority.
    pub(super) minority: &'static str,
}

impl Circumstances {
    /// Draws them; `rural` of a hundred live in the countryside.
    pub(super) fn of(person: &Person, rural: usize, draw: &mut Draw) -> Self {
        Self {
            disability: yes_no(draw.chance(34)),
            disadvantaged: yes_no(draw.chance(22)),
            homeless: yes_no(draw.chance(5)),
            rural: yes_no(draw.chance(rural)),
            third_country: yes_no(person.foreign && draw.chance(55)),
            minority: yes_no(draw.chance(3)),
        }
    }
}

/// How many months somebody of this status was without work, and nothing for those who were not.
pub(super) fn months_without_work(status: &str, draw: &mut Draw) -> String {
    match status {
        "Långtidsarbetslös" => draw.between(13, 96).to_string(),
        "Arbetslös" => draw.between(1, 12).to_string(),
        _ => String::new(),
    }
}

/// Yes or no.
pub(super) fn yes_no(yes: bool) -> &'static str {
    if yes { "Ja" } else { "Nej" }
}
