-- grain: value; what the expression of a derived answer field comes to over recorded values; null where it comes to nothing
CREATE MACRO derived_value(expression, value, other, key, label, wanted) AS (
    CASE expression
        WHEN 'json_array_length(value)'
            THEN to_json(json_array_length(value))
        WHEN 'last_number(value)'
            THEN to_json(last_number(value ->> '$'))
        WHEN 'line_value(value, key)'
            THEN to_json(line_value(value ->> '$', key))
        WHEN 'len(list_filter(json_extract(value, ''$[*]''), lambda e: json_extract_string(e, key) = wanted))'
            THEN to_json(TRY(len(list_filter(json_extract(value, '$[*]'), lambda e: json_extract_string(e, key) = wanted))))
        WHEN 'len(list_distinct(list_transform(json_extract(value, ''$[*]''), lambda e: json_extract_string(e, key))))'
            THEN to_json(TRY(len(list_distinct(list_transform(json_extract(value, '$[*]'), lambda e: json_extract_string(e, key))))))
        WHEN 'round(list_sum(list_transform(json_extract(value, ''$[*]''), lambda e: json_extract_string(e, key)::DOUBLE)), 6)'
            THEN to_json(TRY(round(list_sum(list_transform(json_extract(value, '$[*]'), lambda e: json_extract_string(e, key)::DOUBLE)), 6)))
        WHEN 'round(list_avg(list_transform(json_extract(value, ''$[*]''), lambda e: json_extract_string(e, key)::DOUBLE)), 2)'
            THEN to_json(TRY(round(list_avg(list_transform(json_extract(value, '$[*]'), lambda e: json_extract_string(e, key)::DOUBLE)), 2)))
        WHEN 'list_max(list_transform(json_extract(value, ''$[*]''), lambda e: json_extract_string(e, key)::DOUBLE))'
            THEN to_json(TRY(list_max(list_transform(json_extract(value, '$[*]'), lambda e: json_extract_string(e, key)::DOUBLE))))
        WHEN 'list_min(list_transform(json_extract(value, ''$[*]''), lambda e: json_extract_string(e, key)::DOUBLE))'
            THEN to_json(TRY(list_min(list_transform(json_extract(value, '$[*]'), lambda e: json_extract_string(e, key)::DOUBLE))))
        WHEN 'list_max(list_transform(json_extract(value, ''$[*]''), lambda e: {''n'': json_extract_string(e, key)::DOUBLE, ''t'': json_extract_string(e, label)})).t'
            THEN to_json(TRY(list_max(list_transform(json_extract(value, '$[*]'), lambda e: {'n': json_extract_string(e, key)::DOUBLE, 't': json_extract_string(e, label)})).t))
        WHEN 'list_min(list_transform(json_extract(value, ''$[*]''), lambda e: {''n'': json_extract_string(e, key)::DOUBLE, ''t'': json_extract_string(e, label)})).t'
            THEN to_json(TRY(list_min(list_transform(json_extract(value, '$[*]'), lambda e: {'n': json_extract_string(e, key)::DOUBLE, 't': json_extract_string(e, label)})).t))
        WHEN 'round(value::DOUBLE - other::DOUBLE, 6)'
            THEN to_json(TRY(round(value::DOUBLE - other::DOUBLE, 6)))
        WHEN 'round(value::DOUBLE + other::DOUBLE, 6)'
            THEN to_json(TRY(round(value::DOUBLE + other::DOUBLE, 6)))
        WHEN 'greatest(value::DOUBLE, other::DOUBLE)'
            THEN to_json(TRY(greatest(value::DOUBLE, other::DOUBLE)))
        WHEN 'len(list_intersect(list_transform(json_extract(value, ''$[*]''), lambda e: json_extract_string(e, key)), list_transform(json_extract(other, ''$[*]''), lambda e: json_extract_string(e, key))))'
            THEN to_json(TRY(len(list_intersect(list_transform(json_extract(value, '$[*]'), lambda e: json_extract_string(e, key)), list_transform(json_extract(other, '$[*]'), lambda e: json_extract_string(e, key))))))
        ELSE CASE WHEN expression IS NULL THEN value END
    END
);
