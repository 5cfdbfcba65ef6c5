-- grain: case; the kernels over JSON
-- expect
SELECT
    to_json(list_transform(json_leaves('{"a": [1, {"b": "x"}], "c": null, "20240501": true}'), lambda l: [l.pointer, l.pattern, l.key, l.kind, l.value]))::VARCHAR AS actual,
    '[["/a/0","/a/*","a","integer","1"],["/a/1/b","/a/*/b","b","string","x"],["/20240501","/*","","boolean","true"]]' AS expected
UNION ALL
SELECT json_canonical('{"b": 2.0, "a": [1e3, "x"]}'), '{"a":[1000,"x"],"b":2}'
UNION ALL
SELECT coalesce(json_canonical('{"b": '), 'null'), 'null'
UNION ALL
SELECT pointer_pattern('/orders/0/1/id'), '/orders/*/*/id'
