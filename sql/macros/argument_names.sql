-- grain: value; the names of a call's arguments, sorted, as canonical JSON
CREATE MACRO argument_names(arguments) AS (
    to_json(list_sort(json_keys(arguments)))::VARCHAR
);
