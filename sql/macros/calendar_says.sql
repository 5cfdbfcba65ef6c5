-- grain: value; whether what is said about a thing is what the calendar says of the day on which it was asked for
CREATE MACRO calendar_says(about, said, started_at) AS (
    CASE
        WHEN regexp_matches(about, '(?i)days?.*month') THEN said = day(last_day(started_at::DATE))::VARCHAR
        WHEN regexp_matches(about, '(?i)day.*year') THEN said = dayofyear(started_at)::VARCHAR
        WHEN regexp_matches(about, '(?i)week_?day|day.*week')
            THEN said IN (dayname(started_at), isodow(started_at)::VARCHAR, dayofweek(started_at)::VARCHAR)
        WHEN regexp_matches(about, '(?i)week') THEN said IN (weekofyear(started_at)::VARCHAR, isoyear(started_at)::VARCHAR)
        WHEN regexp_matches(about, '(?i)(^|_| )quarter') THEN said = quarter(started_at)::VARCHAR
        WHEN regexp_matches(about, '(?i)(^|_| )month') THEN said IN (month(started_at)::VARCHAR, monthname(started_at))
        WHEN regexp_matches(about, '(?i)(^|_| )year') THEN said = year(started_at)::VARCHAR
        WHEN regexp_matches(about, '(?i)(^|_| )day') THEN said IN (day(started_at)::VARCHAR, dayname(started_at))
        ELSE false
    END
);
