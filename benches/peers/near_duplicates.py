"""Near-duplicates among many questions with rensa, as its README advises: tokens of each text, R-MinHash, and LSH inside.

`pairs` is RMinHashDeduplicator, which checks the candidates and keeps the first of each kind. `flags` is the batch way that its
own benchmark takes: a matrix of digests and one pass of LSH over it, which says of each text whether it meets another in a
band, not which, and checks nothing.

usage: near_duplicates.py pairs|flags QUESTIONS.tsv FLAGS NUM_PERM NUM_BANDS THRESHOLD
"""
import json
import resource
import sys
import time

from rensa import RMinHash, RMinHashDeduplicator, RMinHashLSH


def shingles(text):
    words = text.lower().split()
    return [f"{a} {b}" for a, b in zip(words, words[1:])]


def main(way, questions, flags, num_perm, num_bands, threshold):
    num_perm, num_bands, threshold = int(num_perm), int(num_bands), float(threshold)
    with open(questions) as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    begun = time.perf_counter()
    if way == "pairs":
        found = RMinHashDeduplicator(threshold=threshold, num_perm=num_perm, use_lsh=True, num_bands=num_bands)
        duplicate = [not kept for kept in found.add_pairs((key, shingles(text)) for key, text in rows)]
    else:
        matrix = RMinHash.digest_matrix_from_token_sets((shingles(text) for _, text in rows), num_perm=num_perm, seed=42)
        index = RMinHashLSH(threshold=threshold, num_perm=num_perm, num_bands=num_bands)
        duplicate = index.query_duplicate_flags_matrix_one_shot(matrix)
    seconds = time.perf_counter() - begun
    with open(flags, "w") as out:
        out.writelines(f"{key}\n" for (key, _), flag in zip(rows, duplicate) if flag)
    print(json.dumps({"seconds": seconds, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main(*sys.argv[1:])
