-- grain: src tool × dst tool × dst parameter; the edges into `kept_tool`, which stay as they are
SELECT e.*
FROM edge AS e
SEMI JOIN kept_tool AS k ON k.server = e.dst_server AND k.tool = e.dst_tool
