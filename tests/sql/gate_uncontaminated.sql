-- grain: case; a benchmark's question is found in a task, word for word, in part and paraphrased
INSERT INTO benchmark_task BY NAME
SELECT 'bench' AS benchmark, task_id, question, 'f' AS source_id
FROM (
    VALUES
        ('flight', 'I need to change my flight from Newark to Seattle on May 20 because my mother is ill, and I want the cheapest economy seat with one free checked bag.'),
        ('lego', 'Create a row level security policy on the lego inventory tables so that each analyst only sees sets of their own theme.'),
        ('short', 'How many vowels has the longest river?')
) AS v (task_id, question);
INSERT INTO task BY NAME
SELECT
    task_id, 'e' AS episode_id, question, '{}' AS answer, '{}' AS answer_schema, '[]' AS gold_calls,
    1 AS calls, 1 AS servers, 0 AS flows, 'easy' AS difficulty
FROM (
    VALUES
        ('a_copied', 'I need to change my flight from Newark to Seattle on May 20 because my mother is ill, and I want the cheapest economy seat with one free checked bag.'),
        ('b_inside', 'Good morning. Somebody once wrote: change my flight from Newark to Seattle on May 20 because my mother is ill. How many letters are in that?'),
        ('c_whole_but_short', 'how many vowels has the longest river'),
        ('d_paraphrased', 'My mother fell ill, so on May 20 please move my Newark to Seattle flight to another one: cheapest seats in economy, with a checked bag for free.'),
        ('e_unrelated', 'Find the three tallest mountains of Norway and report the height of each in metres.'),
        ('f_same_start', 'I need to change my order from the shop on Main Street, and I want to know when the second parcel arrives.')
) AS v (task_id, question);
CREATE TEMP TABLE overlapping AS SELECT task_id, list(DISTINCT benchmark_task || ' ' || measure ORDER BY benchmark_task || ' ' || measure) AS how FROM benchmark_overlap GROUP BY task_id;
-- expect
SELECT
    string_agg(f.task_id || CASE WHEN f.passed THEN '' ELSE ' ' || o.how::VARCHAR END, '; ' ORDER BY f.task_id) AS actual,
    'a_copied [flight 13-gram, flight 8-gram, flight words]; b_inside [flight 13-gram]; c_whole_but_short [short 13-gram, short 8-gram, short words]; '
    || 'd_paraphrased [flight words]; e_unrelated; f_same_start' AS expected
FROM found AS f
LEFT JOIN overlapping AS o ON o.task_id = f.task_id
