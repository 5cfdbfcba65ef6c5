-- grain: src tool × dst tool × dst parameter; every edge of the tool graph with the evidence for it
-- src: Tool whose result is read, as server/tool.
-- src_field: Field of its result: a JSON pointer in which `*` stands for any index or map key.
-- dst: Tool that takes the value, as server/tool.
-- dst_param: Parameter that takes it.
-- tier: `high`, `medium` or `low`.
-- score: Weighted evidence, 0 to 1.
-- evidence: What speaks for it: type, name and text similarity, flows seen, and where the field is known from.
-- crosses: Whether the two tools are of different servers.
SELECT
    src_server || '/' || src_tool AS src,
    src_field,
    dst_server || '/' || dst_tool AS dst,
    dst_param,
    tier,
    score,
    {type: type_evidence, name: name_evidence, text: text_evidence, flows: flow_evidence, source: source} AS evidence,
    src_server <> dst_server AS crosses
FROM edge
