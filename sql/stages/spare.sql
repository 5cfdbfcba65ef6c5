-- grain: server × tool × arguments × result × state; what calls gave from which an option was left out
FROM fewer_call ORDER BY server, tool, arguments
