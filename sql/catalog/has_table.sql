-- grain: catalog; whether it has the table asked for
SELECT count(*) > 0 FROM information_schema.tables WHERE table_name = ? AND table_type = 'BASE TABLE'
