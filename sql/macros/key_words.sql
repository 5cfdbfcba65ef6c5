-- grain: field pattern; the words of its last key in lower case, each between underscores: `/a/orderAge` as `_order_age_`
CREATE MACRO key_words(pattern) AS (
    '_' || lower(regexp_replace(regexp_extract(pattern, '[^/]*$'), '([a-z])([A-Z])', '\1_\2', 'g')) || '_'
);
