-- grain: value; whether a value, as JSON, says no more than true or false, in a word too
CREATE MACRO says_yes_or_no(value) AS (
    json_type(value) = 'BOOLEAN' OR lower(trim(value ->> '$')) IN ('true', 'false', 'yes', 'no')
);
