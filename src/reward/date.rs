//! Dates and times, however written, where a schema's `format` says that a text is one.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};

/// Whether two texts are the same date, time or date with time; `None` where `want` can't be read as one, so that the words decide.
pub fn same(got: &str, want: &str, format: &str) -> Option<bool> {
    match format {
        "date" => day(want).map(|want| day(got) == Some(want)),
        "time" => clock(want).map(|want| clock(got).is_some_and(|got| got.same(&want))),
        "date-time" => moment(want).map(|want| moment(got).is_some_and(|got| got.same(&want))),
        _ => None,
    }
}

/// A time of day, with its offset where one is written.
#[derive(Debug, Clone, Copy)]
struct Clock {
    time: NaiveTime,
    offset: Option<FixedOffset>,
    /// Whether a part of a second is written.
    exact: bool,
}

/// A date with a time.
#[derive(Debug, Clone, Copy)]
struct Moment {
    date: NaiveDate,
    clock: Clock,
}

impl Moment {
    fn same(&self, other: &Moment) -> bool {
        let seconds = |moment: &Moment| {
            let part = if self.clock.exact && other.clock.exact { moment.clock.time.nanosecond() } else { 0 };
            moment.clock.time.with_nanosecond(part).map(|time| NaiveDateTime::new(moment.date, time))
        };
        let (Some(a), Some(b)) = (seconds(self), seconds(other)) else { return false };
        match (self.clock.offset, other.clock.offset) {
            // Instants where both say where; else what the clock on the wall shows.
            (Some(x), Some(y)) => instant(a, x) == instant(b, y),
            _ => a == b,
        }
    }
}

fn instant(wall: NaiveDateTime, offset: FixedOffset) -> Option<DateTime<FixedOffset>> {
    wall.and_local_timezone(offset).single()
}

impl Clock {
    fn same(&self, other: &Clock) -> bool {
        // Of a day that has neighbours, so that an offset can lead over midnight: 23:30-01:00 is 00:30Z of the next day, not of this.
        let day = NaiveDate::from_ymd_opt(2000, 1, 2);
        day.is_some_and(|date| Moment { date, clock: *self }.same(&Moment { date, clock: *other }))
    }
}

const MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
];

/// A date: `2026-01-10`, `January 10, 2026`, `Sat, 10 Jan 2026`, `10th of January 2026`, `31/01/2026`; with midnight behind it, too. None
/// where day and month could be either (`01/02/2026`), where the year has two digits, or the weekday is wrong.
fn day(text: &str) -> Option<NaiveDate> {
    plain_day(text).or_else(|| {
        let moment = moment(text)?;
        (moment.clock.time.num_seconds_from_midnight() == 0).then_some(moment.date)
    })
}

fn plain_day(text: &str) -> Option<NaiveDate> {
    let text = text.trim().to_lowercase();
    numeric(&text).or_else(|| worded(&text))
}

fn numeric(text: &str) -> Option<NaiveDate> {
    let separator = text.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = text.split(separator).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let number = |part: &str, longest: usize| part.parse::<u32>().ok().filter(|_| part.len() <= longest && digits(part));
    match (separator, a.len(), c.len()) {
        ('-' | '/' | '.', 4, 1..=2) => NaiveDate::from_ymd_opt(number(a, 4)? as i32, number(b, 2)?, number(c, 2)?),
        ('-' | '/' | '.', 1..=2, 4) => {
            let (first, second, year) = (number(a, 2)?, number(b, 2)?, number(c, 4)? as i32);
            match (first, second) {
                (13.., _) => NaiveDate::from_ymd_opt(year, second, first),
                (_, 13..) => NaiveDate::from_ymd_opt(year, first, second),
                _ if first == second => NaiveDate::from_ymd_opt(year, first, second),
                _ => None,
            }
        }
        _ => None,
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn worded(text: &str) -> Option<NaiveDate> {
    let (mut year, mut month, mut date, mut weekday) = (None, None, None, None);
    for word in
        text.split([' ', ',', '-', '\u{a0}']).map(|w| w.trim_end_matches('.')).filter(|w| !w.is_empty() && *w != "of" && *w != "the")
    {
        if digits(word) && word.len() == 4 {
            set(&mut year, word.parse::<i32>().ok()?)?;
        } else if let Some(named) = MONTHS.iter().position(|name| abbreviates(word, name)) {
            set(&mut month, named as u32 + 1)?;
        } else if let Some((_, named)) = DAYS.iter().find(|(name, _)| abbreviates(word, name)) {
            set(&mut weekday, *named)?;
        } else {
            let number = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
            set(&mut date, Some(number).filter(|n| digits(n) && n.len() <= 2)?.parse::<u32>().ok()?)?;
        }
    }
    let found = NaiveDate::from_ymd_opt(year?, month?, date?)?;
    weekday.is_none_or(|day| found.weekday() == day).then_some(found)
}

/// Puts a value where there is none yet.
fn set<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

fn abbreviates(word: &str, name: &str) -> bool {
    word == name || word.len() == 3 && name.starts_with(word) || word == "sept" && name == "september"
}

/// A date with a time: RFC 3339, or a date as [`day`] reads it with a time as [`clock`] does.
fn moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    let colon = text.find(':')?;
    let start = text[..colon].rfind(|c: char| !c.is_ascii_digit())?;
    let (date, time) = text.split_at(start + text[start..].chars().next()?.len_utf8());
    let date = date.trim_end_matches([' ', ',']);
    let date = date.strip_suffix(" at").or_else(|| date.strip_suffix(['T', 't'])).unwrap_or(date);
    Some(Moment { date: plain_day(date)?, clock: clock(time)? })
}

/// A time of day: `15:30`, `15:30:00.5`, `3:30 PM`, with an offset (`Z`, `UTC`, `GMT`, `+02:00`) or without.
fn clock(text: &str) -> Option<Clock> {
    let text = text.trim().to_lowercase();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(text.len());
    let (time, mut rest) = (&text[..end], text[end..].trim());
    let half = ["am", "pm", "a.m.", "p.m."].iter().find(|half| rest.starts_with(**half));
    rest = half.map_or(rest, |half| rest[half.len()..].trim());
    let (time, part) = time.split_once('.').unwrap_or((time, ""));
    let parts: Vec<u32> = time.split(':').map(|p| p.parse().ok().filter(|_| digits(p) && p.len() <= 2)).collect::<Option<_>>()?;
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] if part.is_empty() => (*hour, *minute, 0),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return None,
    };
    let hour = match half.map(|h| h.starts_with('p')) {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
    };
    let nanos = match part {
        "" => 0,
        _ if digits(part) => format!("{part:0<9}")[..9].parse().ok()?,
        _ => return None,
    };
    Some(Clock { time: NaiveTime::from_hms_nano_opt(hour, minute, second, nanos)?, offset: offset(rest)?, exact: !part.is_empty() })
}

/// The offset that `text` names; none where it is empty. Names of zones are not read: what they mean changes.
fn offset(text: &str) -> Option<Option<FixedOffset>> {
    if text.is_empty() {
        return Some(None);
    }
    let text = text.replace('\u{2212}', "-");
    if ["z", "utc", "gmt"].contains(&text.as_str()) {
        return FixedOffset::east_opt(0).map(Some);
    }
    let text = text.strip_prefix("utc").or_else(|| text.strip_prefix("gmt")).unwrap_or(&text);
    let (sign, size) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(size), _) => (1, size),
        (_, Some(size)) => (-1, size),
        _ => return None,
    };
    let size = size.replace(':', "");
    let (hours, minutes) = match size.len() {
        1 | 2 if digits(&size) => (size.as_str(), "0"),
        4 if digits(&size) => size.split_at(2),
        _ => return None,
    };
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    FixedOffset::east_opt(sign * seconds).map(Some)
}
