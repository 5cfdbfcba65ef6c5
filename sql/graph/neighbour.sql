-- grain: edge; edges of one tool, or of all, as the variables ask for
SELECT
    e.src_server || '/' || e.src_tool AS src,
    e.src_field,
    e.dst_server || '/' || e.dst_tool AS dst,
    ltrim(e.dst_field, '/') AS dst_param,
    e.tier,
    e.score,
    e.flow_evidence AS flows,
    e.name_evidence AS name,
    e.mention_evidence AS mention,
    e.text_evidence AS text,
    e.parameter_evidence AS parameter,
    e.entity_evidence AS entity,
    e.type_evidence AS type,
    e.server_evidence AS server,
    e.source
FROM edge AS e
WHERE (getvariable('low') OR e.tier <> 'low')
    AND (
        getvariable('tool') IS NULL
        OR (getvariable('side') <> 'in' AND e.src_server || '/' || e.src_tool = getvariable('tool'))
        OR (getvariable('side') <> 'out' AND e.dst_server || '/' || e.dst_tool = getvariable('tool'))
    )
ORDER BY e.score DESC, src, dst, dst_param
LIMIT getvariable('limit')
