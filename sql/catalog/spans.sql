-- grain: snapshot × segment it added; from when until when each segment counts
SELECT path, begin_snapshot, end_snapshot FROM segment
